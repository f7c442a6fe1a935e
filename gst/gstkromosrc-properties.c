/* kromosrc: its properties
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstkromosrc.h"

#include <gst/audio/streamvolume.h>

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)

/* A minute of the widest format fits into memory; a longer chunk serves nobody. */
#define MAX_CHUNK_DURATION (60 * GST_SECOND)

#define DEFAULT_EDGE_FADE 0
#define DEFAULT_SEED 0
#define DEFAULT_LOOPS 1
#define DEFAULT_N_THREADS 1
#define DEFAULT_CHECKPOINT_MEMORY (8 * MEBIBYTE)
#define DEFAULT_MAX_MEMORY KROMO_DEFAULT_MAX_MEMORY
#define DEFAULT_MAX_OPERATIONS KROMO_DEFAULT_MAX_OPERATIONS
#define DEFAULT_TARGET_LATENCY GST_SECOND
#define DEFAULT_MIN_CHUNK (100 * GST_MSECOND)
#define DEFAULT_MAX_CHUNK (5 * GST_SECOND)
#define DEFAULT_CHUNK (500 * GST_MSECOND)
#define DEFAULT_RENDERING KROMO_RENDERING_REFERENCE
#define DEFAULT_NORMALIZE KROMO_NORMALIZE_LIMIT
#define DEFAULT_VOLUME 1.0

enum {
  PROP_0,
  PROP_LOCATION,
  PROP_GENOME_ID,
  PROP_GENOME,
  PROP_USE_METADATA,
  PROP_GENOME_IDS,
  PROP_NOTE_DELTA,
  PROP_TUNING_RATIO,
  PROP_VELOCITY,
  PROP_DURATION,
  PROP_REVERSE,
  PROP_OVERSAMPLE,
  PROP_INHARMONICITY,
  PROP_TRANSPOSE_ALL,
  PROP_RENDERING,
  PROP_NORMALIZE,
  PROP_EDGE_FADE,
  PROP_SEED,
  PROP_VOLUME,
  PROP_MUTE,
  PROP_LOOPS,
  PROP_NEXT_LOCATION,
  PROP_IS_LIVE,
  PROP_ADAPTIVE,
  PROP_MEASURE_RTF,
  PROP_TARGET_LATENCY,
  PROP_MIN_CHUNK_DURATION,
  PROP_MAX_CHUNK_DURATION,
  PROP_CHUNK_DURATION,
  PROP_N_THREADS,
  PROP_CHECKPOINT_MEMORY,
  PROP_MAX_MEMORY,
  PROP_MAX_OPERATIONS,
  PROP_RTF,
  PROP_STATS
};

#define GST_TYPE_KROMO_NORMALIZE (gst_kromo_normalize_get_type ())
static GType
gst_kromo_normalize_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { KROMO_NORMALIZE_NONE, "The raw output", "none" },
    { KROMO_NORMALIZE_PEAK, "Fit the whole sound's range into -1..1, after a scan", "peak" },
    { KROMO_NORMALIZE_LIMIT, "A gain that falls before peaks above 1 and stays", "limit" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstKromoNormalize", values));

  return type;
}

#define GST_TYPE_KROMO_RENDERING (gst_kromo_rendering_get_type ())
static GType
gst_kromo_rendering_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    { KROMO_RENDERING_REFERENCE, "Like the reference, quirks included", "reference" },
    { KROMO_RENDERING_STANDARD, "As the standard and the patch mean it", "standard" },
    { 0, NULL, NULL },
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstKromoRendering", values));

  return type;
}

void
gst_kromo_settings_init (GstKromoSettings *settings)
{
  *settings = (GstKromoSettings){
    .seed = DEFAULT_SEED,
    .note = KROMO_NOTE_INIT,
    .rendering = DEFAULT_RENDERING,
    .normalize = DEFAULT_NORMALIZE,
    .edge_fade = DEFAULT_EDGE_FADE,
    .loops = DEFAULT_LOOPS,
    .adaptive = TRUE,
    .measure_rtf = TRUE,
    .target_latency = DEFAULT_TARGET_LATENCY,
    .min_chunk = DEFAULT_MIN_CHUNK,
    .max_chunk = DEFAULT_MAX_CHUNK,
    .fixed_chunk = DEFAULT_CHUNK,
    .n_threads = DEFAULT_N_THREADS,
    .checkpoint_memory = DEFAULT_CHECKPOINT_MEMORY,
    .max_memory = DEFAULT_MAX_MEMORY,
    .max_operations = DEFAULT_MAX_OPERATIONS,
    .volume = DEFAULT_VOLUME,
  };
}

#define FIELD(name) G_STRUCT_OFFSET (GstKromoSettings, name)

/* Where each property's value lives; the property's type is the field's. */
static const gsize fields[] = {
  [PROP_LOCATION] = FIELD (location),
  [PROP_GENOME_ID] = FIELD (genome_id),
  [PROP_GENOME] = FIELD (genome),
  [PROP_USE_METADATA] = FIELD (use_metadata),
  [PROP_NOTE_DELTA] = FIELD (note.note_delta),
  [PROP_TUNING_RATIO] = FIELD (note.tuning_ratio),
  [PROP_VELOCITY] = FIELD (note.velocity),
  [PROP_DURATION] = FIELD (note.duration),
  [PROP_REVERSE] = FIELD (note.reverse),
  [PROP_OVERSAMPLE] = FIELD (note.oversample),
  [PROP_INHARMONICITY] = FIELD (note.inharmonicity),
  [PROP_TRANSPOSE_ALL] = FIELD (note.transpose_all),
  [PROP_RENDERING] = FIELD (rendering),
  [PROP_NORMALIZE] = FIELD (normalize),
  [PROP_EDGE_FADE] = FIELD (edge_fade),
  [PROP_SEED] = FIELD (seed),
  [PROP_VOLUME] = FIELD (volume),
  [PROP_MUTE] = FIELD (mute),
  [PROP_LOOPS] = FIELD (loops),
  [PROP_NEXT_LOCATION] = FIELD (next_location),
  [PROP_IS_LIVE] = FIELD (is_live),
  [PROP_ADAPTIVE] = FIELD (adaptive),
  [PROP_MEASURE_RTF] = FIELD (measure_rtf),
  [PROP_TARGET_LATENCY] = FIELD (target_latency),
  [PROP_MIN_CHUNK_DURATION] = FIELD (min_chunk),
  [PROP_MAX_CHUNK_DURATION] = FIELD (max_chunk),
  [PROP_CHUNK_DURATION] = FIELD (fixed_chunk),
  [PROP_N_THREADS] = FIELD (n_threads),
  [PROP_CHECKPOINT_MEMORY] = FIELD (checkpoint_memory),
  [PROP_MAX_MEMORY] = FIELD (max_memory),
  [PROP_MAX_OPERATIONS] = FIELD (max_operations),
};

static void
set_field (gpointer field, const GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value))) {
  case G_TYPE_STRING:
    g_free (*(char **) field);
    *(char **) field = g_value_dup_string (value);
    break;
  case G_TYPE_BOOLEAN:
    *(gboolean *) field = g_value_get_boolean (value);
    break;
  case G_TYPE_ENUM:
    *(gint *) field = g_value_get_enum (value);
    break;
  case G_TYPE_INT:
    *(gint *) field = g_value_get_int (value);
    break;
  case G_TYPE_UINT:
    *(guint *) field = g_value_get_uint (value);
    break;
  case G_TYPE_UINT64:
    *(guint64 *) field = g_value_get_uint64 (value);
    break;
  case G_TYPE_DOUBLE:
    *(gdouble *) field = g_value_get_double (value);
    break;
  default:
    g_assert_not_reached ();
  }
}

static void
get_field (gconstpointer field, GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value))) {
  case G_TYPE_STRING:
    g_value_set_string (value, *(char *const *) field);
    break;
  case G_TYPE_BOOLEAN:
    g_value_set_boolean (value, *(const gboolean *) field);
    break;
  case G_TYPE_ENUM:
    g_value_set_enum (value, *(const gint *) field);
    break;
  case G_TYPE_INT:
    g_value_set_int (value, *(const gint *) field);
    break;
  case G_TYPE_UINT:
    g_value_set_uint (value, *(const guint *) field);
    break;
  case G_TYPE_UINT64:
    g_value_set_uint64 (value, *(const guint64 *) field);
    break;
  case G_TYPE_DOUBLE:
    g_value_set_double (value, *(const gdouble *) field);
    break;
  default:
    g_assert_not_reached ();
  }
}

/* What setting one property does to others. The object lock is held. */
static void
after_set (GstKromoSettings *settings, guint id)
{
  gboolean location = id == PROP_LOCATION && settings->location;
  gboolean genome = id == PROP_GENOME && settings->genome;
  gboolean seed = id == PROP_SEED && settings->seed != 0;

  /* Of location, genome and seed the last one set wins. */
  if (genome || seed)
    g_clear_pointer (&settings->location, g_free);
  if (location || seed)
    g_clear_pointer (&settings->genome, g_free);
  if (location || genome)
    settings->seed = DEFAULT_SEED;

  if (id == PROP_DURATION)
    settings->user_set |= GST_KROMO_USER_DURATION;
  else if (id == PROP_NOTE_DELTA)
    settings->user_set |= GST_KROMO_USER_NOTE_DELTA;
  else if (id == PROP_VELOCITY)
    settings->user_set |= GST_KROMO_USER_VELOCITY;
  else if (id == PROP_REVERSE)
    settings->user_set |= GST_KROMO_USER_REVERSE;
  else if (id == PROP_MIN_CHUNK_DURATION)
    settings->user_set |= GST_KROMO_USER_MIN_CHUNK;
  else if (id == PROP_MAX_CHUNK_DURATION)
    settings->user_set |= GST_KROMO_USER_MAX_CHUNK;
}

static gboolean
is_source (guint id)
{
  return id == PROP_LOCATION || id == PROP_GENOME || id == PROP_GENOME_ID || id == PROP_SEED;
}

/* What may change while it plays, apart from the level. */
static gboolean
is_of_sound (guint id)
{
  switch (id) {
  case PROP_NOTE_DELTA:
  case PROP_TUNING_RATIO:
  case PROP_VELOCITY:
  case PROP_OVERSAMPLE:
  case PROP_INHARMONICITY:
  case PROP_TRANSPOSE_ALL:
  case PROP_RENDERING:
    return TRUE;
  default:
    return is_source (id);
  }
}

static void
gst_kromo_src_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstKromoSrc *self = GST_KROMO_SRC (object);
  gboolean is_change;

  g_return_if_fail (id < G_N_ELEMENTS (fields));

  GST_OBJECT_LOCK (self);
  set_field (G_STRUCT_MEMBER_P (&self->settings, fields[id]), value);
  after_set (&self->settings, id);
  is_change = self->is_open && is_of_sound (id);
  if (is_source (id)) {
    /* In about-to-finish it is what comes next, else what plays from now on. */
    if (self->asking == g_thread_self ()) {
      self->was_told = TRUE;
      is_change = FALSE;
    } else {
      self->settings.source_serial++;
    }
  }
  GST_OBJECT_UNLOCK (self);

  if (is_change)
    gst_kromo_compiler_want_change (self);
}

/* Reads the file, so without the lock. */
static void
get_genome_ids (GstKromoSrc *self, GValue *value)
{
  g_autofree char *location = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  location = g_strdup (self->settings.location);
  GST_OBJECT_UNLOCK (self);

  if (!location)
    return;
  g_value_take_boxed (value, kromo_genome_list_ids (location, &error));
  if (error)
    GST_WARNING_OBJECT (self, "no ids: %s", error->message);
}

static void
gst_kromo_src_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstKromoSrc *self = GST_KROMO_SRC (object);

  if (id == PROP_GENOME_IDS) {
    get_genome_ids (self, value);
    return;
  }

  GST_OBJECT_LOCK (self);
  if (id == PROP_RTF)
    g_value_set_double (value, self->stats.rtf);
  else if (id == PROP_STATS)
    g_value_take_boxed (value, gst_kromo_stats_to_structure (&self->stats));
  else if (id < G_N_ELEMENTS (fields))
    get_field (G_STRUCT_MEMBER_P (&self->settings, fields[id]), value);
  GST_OBJECT_UNLOCK (self);
}

/* Read at READY->PAUSED, or heard while it plays. */
#define READY (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)
#define PLAYING (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
#define READ (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

#define CONTROLLED (PLAYING | GST_PARAM_CONTROLLABLE)
#define STRING(name, nick, blurb) g_param_spec_string (name, nick, blurb, NULL, PLAYING)
#define BOOLEAN(name, nick, blurb, value, flags)                                                   \
  g_param_spec_boolean (name, nick, blurb, value, flags)
#define DOUBLE(name, nick, blurb, min, max, value)                                                 \
  g_param_spec_double (name, nick, blurb, min, max, value, CONTROLLED)
#define UINT64(name, nick, blurb, min, max, value)                                                 \
  g_param_spec_uint64 (name, nick, blurb, min, max, value, READY)

static void
install_what (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_LOCATION,
      STRING ("location", "Location",
          "Genome file: JSON, gzipped JSON, or a genome database (SQLite)"));
  g_object_class_install_property (klass, PROP_GENOME_ID,
      STRING ("genome-id", "Genome id", "Which genome of a database; NULL takes the first by id"));
  g_object_class_install_property (
      klass, PROP_GENOME, STRING ("genome", "Genome", "The genome itself, as JSON text"));
  g_object_class_install_property (klass, PROP_USE_METADATA,
      BOOLEAN ("use-metadata", "Use metadata",
          "Take duration, note-delta, velocity and reverse, where not set, from the genome's "
          "metadata",
          FALSE, READY));
  g_object_class_install_property (klass, PROP_GENOME_IDS,
      g_param_spec_boxed ("genome-ids", "Genome ids",
          "The ids in the database at location, at most 10000; reads the file", G_TYPE_STRV, READ));
  g_object_class_install_property (klass, PROP_SEED,
      g_param_spec_uint64 ("seed", "Seed", "Random genome made from this number, when not 0", 0,
          G_MAXUINT64, DEFAULT_SEED, PLAYING));
  g_object_class_install_property (klass, PROP_NEXT_LOCATION,
      STRING ("next-location", "Next location", "Genome file to play on with at the end"));
  g_object_class_install_property (klass, PROP_LOOPS,
      g_param_spec_int ("loops", "Loops", "How many times to play; -1 for ever", -1, G_MAXINT,
          DEFAULT_LOOPS, READY));
}

static void
install_sound (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_NOTE_DELTA,
      DOUBLE ("note-delta", "Note delta", "Transposition in semitones", -128, 128, 0));
  g_object_class_install_property (klass, PROP_TUNING_RATIO,
      DOUBLE ("tuning-ratio", "Tuning ratio",
          "A further factor on frequency, for tunings that are not semitones", 1e-4, 1e4, 1));
  g_object_class_install_property (klass, PROP_VELOCITY,
      DOUBLE ("velocity", "Velocity",
          "Scale of the network's periodic input: timbre as well as level", 0, 1, 1));
  g_object_class_install_property (klass, PROP_DURATION,
      UINT64 ("duration", "Duration",
          "Length of the sound in nanoseconds, over which the network is stretched; at most a day",
          0, G_MAXUINT64, 4 * GST_SECOND));
  g_object_class_install_property (klass, PROP_REVERSE,
      BOOLEAN ("reverse", "Reverse", "Run the network backwards", FALSE, READY));
  g_object_class_install_property (klass, PROP_OVERSAMPLE,
      BOOLEAN ("oversample", "Oversample",
          "Evaluate the waves that buffers play at twice the rate and decimate, for less aliasing",
          FALSE, PLAYING));
  g_object_class_install_property (klass, PROP_INHARMONICITY,
      BOOLEAN ("inharmonicity", "Inharmonicity", "Apply the partials' inharmonicity factors", FALSE,
          PLAYING));
  g_object_class_install_property (klass, PROP_TRANSPOSE_ALL,
      BOOLEAN ("transpose-all", "Transpose all",
          "Transpose every network output, not only those feeding buffers", FALSE, PLAYING));
  g_object_class_install_property (klass, PROP_RENDERING,
      g_param_spec_enum ("rendering", "Rendering",
          "Sound like the reference, or as the standard and the patch mean it",
          GST_TYPE_KROMO_RENDERING, DEFAULT_RENDERING, PLAYING));
  g_object_class_install_property (klass, PROP_NORMALIZE,
      g_param_spec_enum ("normalize", "Normalize", "How levels above 1 are treated",
          GST_TYPE_KROMO_NORMALIZE, DEFAULT_NORMALIZE, READY));
  g_object_class_install_property (klass, PROP_EDGE_FADE,
      UINT64 ("edge-fade", "Edge fade",
          "Fade in and out (3t^2 - 2t^3) in nanoseconds, before levels are treated; at most half "
          "the "
          "sound each",
          0, G_MAXUINT64, DEFAULT_EDGE_FADE));
  g_object_class_install_property (klass, PROP_VOLUME,
      g_param_spec_double ("volume", "Volume", "Linear gain, applied after everything else", 0, 10,
          DEFAULT_VOLUME, PLAYING | GST_PARAM_CONTROLLABLE));
  g_object_class_install_property (
      klass, PROP_MUTE, g_param_spec_boolean ("mute", "Mute", "Play silence", FALSE, PLAYING));
}

static void
install_chunks (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_IS_LIVE,
      BOOLEAN ("is-live", "Is live", "Pace buffers by the clock", FALSE, READY));
  g_object_class_install_property (klass, PROP_ADAPTIVE,
      BOOLEAN ("adaptive", "Adaptive", "Choose chunk durations from the measured real-time factor",
          TRUE, READY));
  g_object_class_install_property (klass, PROP_MEASURE_RTF,
      BOOLEAN ("measure-rtf", "Measure RTF",
          "When adaptive: once the first chunk has left, render up to 0.5 s on a copy and time it",
          TRUE, READY));
  g_object_class_install_property (klass, PROP_TARGET_LATENCY,
      UINT64 ("target-latency", "Target latency",
          "Nanoseconds that rendering one chunk may take, when adaptive", 1, MAX_CHUNK_DURATION,
          DEFAULT_TARGET_LATENCY));
  g_object_class_install_property (klass, PROP_MIN_CHUNK_DURATION,
      UINT64 ("min-chunk-duration", "Minimum chunk duration",
          "Shortest chunk in nanoseconds, and the first one, when adaptive", 1, MAX_CHUNK_DURATION,
          DEFAULT_MIN_CHUNK));
  g_object_class_install_property (klass, PROP_MAX_CHUNK_DURATION,
      UINT64 ("max-chunk-duration", "Maximum chunk duration",
          "Longest chunk in nanoseconds, when adaptive", 1, MAX_CHUNK_DURATION, DEFAULT_MAX_CHUNK));
  g_object_class_install_property (klass, PROP_CHUNK_DURATION,
      UINT64 ("chunk-duration", "Chunk duration",
          "Chunk in nanoseconds when not adaptive, or before a measurement", 1, MAX_CHUNK_DURATION,
          DEFAULT_CHUNK));
  g_object_class_install_property (klass, PROP_N_THREADS,
      g_param_spec_uint ("n-threads", "Threads",
          "Threads that render, all but one of them by evaluating signals ahead; 0: one for each "
          "core",
          0, 1024, DEFAULT_N_THREADS, READY));
  g_object_class_install_property (klass, PROP_CHECKPOINT_MEMORY,
      UINT64 ("checkpoint-memory", "Checkpoint memory",
          "Bound on the state kept for seeking, in bytes", 0, G_MAXUINT64,
          DEFAULT_CHECKPOINT_MEMORY));
  g_object_class_install_property (klass, PROP_MAX_MEMORY,
      UINT64 ("max-memory", "Maximum memory",
          "Bound on one renderer, in bytes; a sound that needs more is an error. 0: the default", 0,
          G_MAXUINT64, DEFAULT_MAX_MEMORY));
  g_object_class_install_property (klass, PROP_MAX_OPERATIONS,
      UINT64 ("max-operations", "Maximum operations",
          "Bound on the work for one frame, in multiply-adds; a sound that takes more is an error. "
          "0: the default",
          0, G_MAXUINT64, DEFAULT_MAX_OPERATIONS));
  g_object_class_install_property (klass, PROP_RTF,
      g_param_spec_double ("rtf", "Real-time factor",
          "Seconds of rendering per second of sound, of late; 0 before a measurement", 0,
          G_MAXDOUBLE, 0, READ));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "rtf, chunk-duration (ns), chunks, frames, first-chunk-latency (ns), render-time (ns), "
          "underruns, changes, memory (bytes of the renderer), checkpoint-memory (bytes so far), "
          "n-threads, cpu (the instruction set)",
          GST_TYPE_STRUCTURE, READ));
}

void
gst_kromo_src_install_properties (GObjectClass *klass)
{
  klass->set_property = gst_kromo_src_set_property;
  klass->get_property = gst_kromo_src_get_property;

  install_what (klass);
  install_sound (klass);
  install_chunks (klass);

  gst_type_mark_as_plugin_api (GST_TYPE_KROMO_NORMALIZE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_KROMO_RENDERING, 0);
}
