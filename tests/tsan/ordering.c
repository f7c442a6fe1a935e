/* What the thread sanitizer must be told of GLib
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * GLib and GStreamer come without the sanitizer in them, so it does not see what orders the accesses of
 * two threads there: GMutex and GCond are futexes, reference counts are atomic operations in their code.
 * This file goes into the test program. Its functions come before those of libglib-2.0, libgobject-2.0
 * and libgstreamer-1.0 when symbols are looked up; each calls the one that it hides and tells the
 * sanitizer what that one guarantees by its documentation, no more: an unlock comes before the next lock
 * of the same mutex, what is done with an object before its last reference goes comes before its end, and
 * what is pushed is seen by the one who pops it. GRecMutex, GRWLock and threads need nothing here: they
 * are made of pthread functions, which the sanitizer knows.
 *
 * Calls within one of these libraries do not come by. Then an order is missing, never too many: the
 * worst is a false report, not a race that is missed.
 */

#include <dlfcn.h>
#include <gst/gst.h>
#include <sanitizer/tsan_interface.h>

/* The macros with the same names would hide the definitions. */
#undef g_once_init_enter
#undef g_once_init_leave
#undef g_atomic_ref_count_dec
#undef g_thread_pool_new

#pragma GCC visibility push(default)

/* The function that comes next after ours. Looked up at the first call, which may come from the
 * constructor of a library, before any of ours would run. */
static gpointer
hidden (gpointer *cache, const char *name)
{
  gpointer function = __atomic_load_n (cache, __ATOMIC_ACQUIRE);

  if (!function) {
    function = dlsym (RTLD_NEXT, name);
    __atomic_store_n (cache, function, __ATOMIC_RELEASE);
  }

  return function;
}

/* ---- locks */

void
g_mutex_lock (GMutex *mutex)
{
  static gpointer cache;
  void (*lock) (GMutex *) = hidden (&cache, "g_mutex_lock");

  lock (mutex);
  __tsan_acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  static gpointer cache;
  gboolean (*trylock) (GMutex *) = hidden (&cache, "g_mutex_trylock");
  gboolean locked = trylock (mutex);

  if (locked)
    __tsan_acquire (mutex);

  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  static gpointer cache;
  void (*unlock) (GMutex *) = hidden (&cache, "g_mutex_unlock");

  __tsan_release (mutex);
  unlock (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  static gpointer cache;
  void (*wait) (GCond *, GMutex *) = hidden (&cache, "g_cond_wait");

  __tsan_release (mutex);
  wait (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  static gpointer cache;
  gboolean (*wait_until) (GCond *, GMutex *, gint64) = hidden (&cache, "g_cond_wait_until");
  gboolean signalled;

  __tsan_release (mutex);
  signalled = wait_until (cond, mutex, end_time);
  __tsan_acquire (mutex);

  return signalled;
}

/* ---- once */

gboolean
g_once_init_enter (volatile void *location)
{
  static gpointer cache;
  gboolean (*enter) (volatile void *) = hidden (&cache, "g_once_init_enter");
  gboolean first = enter (location);

  if (!first)
    __tsan_acquire ((void *) location);

  return first;
}

void
g_once_init_leave (volatile void *location, gsize result)
{
  static gpointer cache;
  void (*leave) (volatile void *, gsize) = hidden (&cache, "g_once_init_leave");

  __tsan_release ((void *) location);
  leave (location, result);
}

/* ---- reference counts */

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  static gpointer cache;
  gboolean (*dec) (gatomicrefcount *) = hidden (&cache, "g_atomic_ref_count_dec");
  gboolean last;

  __tsan_release ((void *) count);
  last = dec (count);
  if (last)
    __tsan_acquire ((void *) count);

  return last;
}

/* Which reference is the last is known too late, after the end of the object; every one is taken for it,
 * as the count's atomic decrement is a barrier both ways. */
void
g_object_unref (gpointer object)
{
  static gpointer cache;
  void (*unref) (gpointer) = hidden (&cache, "g_object_unref");

  __tsan_release (object);
  __tsan_acquire (object);
  unref (object);
}

void
g_bytes_unref (GBytes *bytes)
{
  static gpointer cache;
  void (*unref) (GBytes *) = hidden (&cache, "g_bytes_unref");

  if (bytes) {
    __tsan_release (bytes);
    __tsan_acquire (bytes);
  }
  unref (bytes);
}

void
gst_mini_object_unref (GstMiniObject *object)
{
  static gpointer cache;
  void (*unref) (GstMiniObject *) = hidden (&cache, "gst_mini_object_unref");

  __tsan_release (object);
  __tsan_acquire (object);
  unref (object);
}

/* ---- what is handed from thread to thread */

typedef struct {
  GFunc function;
  gpointer user_data;
} PoolFunction;

static void
call_pool_function (gpointer data, gpointer user_data)
{
  PoolFunction *pool_function = user_data;

  __tsan_acquire (data);
  pool_function->function (data, pool_function->user_data);
}

/* Pools are few and live long: what they are given here is never freed. */
GThreadPool *
g_thread_pool_new (
    GFunc function, gpointer user_data, gint max_threads, gboolean exclusive, GError **error)
{
  static gpointer cache;
  GThreadPool *(*new_pool) (GFunc, gpointer, gint, gboolean, GError **) =
      hidden (&cache, "g_thread_pool_new");
  PoolFunction *pool_function = g_new (PoolFunction, 1);

  pool_function->function = function;
  pool_function->user_data = user_data;

  return new_pool (call_pool_function, pool_function, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  static gpointer cache;
  gboolean (*push) (GThreadPool *, gpointer, GError **) = hidden (&cache, "g_thread_pool_push");

  __tsan_release (data);

  return push (pool, data, error);
}

/* Used by GstHarness. */
void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  static gpointer cache;
  void (*push) (GAsyncQueue *, gpointer) = hidden (&cache, "g_async_queue_push");

  __tsan_release (data);
  push (queue, data);
}

static gpointer
popped (gpointer data)
{
  if (data)
    __tsan_acquire (data);

  return data;
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  static gpointer cache;
  gpointer (*pop) (GAsyncQueue *) = hidden (&cache, "g_async_queue_pop");

  return popped (pop (queue));
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  static gpointer cache;
  gpointer (*try_pop) (GAsyncQueue *) = hidden (&cache, "g_async_queue_try_pop");

  return popped (try_pop (queue));
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout)
{
  static gpointer cache;
  gpointer (*timeout_pop) (GAsyncQueue *, guint64) = hidden (&cache, "g_async_queue_timeout_pop");

  return popped (timeout_pop (queue, timeout));
}
