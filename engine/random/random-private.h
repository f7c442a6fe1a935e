/* What the files of this room share: dice, JSON text, and sketches of networks and patches.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All that ends up in the text is made with integers and + - * / floor, and written with few decimals:
 * so the text is the same on every machine. No two dice are thrown among the arguments of
 * one call, as their order would be the compiler's.
 */
#pragma once

#include "../genome/genome.h"

G_BEGIN_DECLS

/* ---- dice ---- */

typedef struct {
  guint64 state;
} KromoDice;

void kromo_dice_init (KromoDice *dice, guint64 seed);
guint64 kromo_dice_next (KromoDice *dice);
guint kromo_dice_below (KromoDice *dice, guint n);              /* 0..n-1; n > 0 */
guint kromo_dice_from (KromoDice *dice, guint low, guint high); /* low..high */
gboolean kromo_dice_chance (KromoDice *dice, guint percent);
double kromo_dice_between (KromoDice *dice, double low, double high); /* four decimals */
double kromo_round_decimals (double value);                           /* four of them */
void kromo_dice_shuffle (KromoDice *dice, guint *values, guint n);

/* ---- JSON text ---- */

/* Each appends one value, with its comma; @key is NULL in arrays. */
void kromo_text_open (GString *text, const char *key, char bracket);
void kromo_text_close (GString *text, char bracket);
void kromo_text_string (GString *text, const char *key, const char *value);
void kromo_text_number (GString *text, const char *key, double value);
void kromo_text_literal (GString *text, const char *key, const char *value); /* true, null, JSON */

/* JSON as it is, or as a string, or as a string of a string ... */
void kromo_text_json (GString *text, const char *key, const char *json, guint encodings);

/* ---- networks ---- */

#define KROMO_SKETCH_SINE "sine"
#define KROMO_SKETCH_RAMP "ramp"

typedef enum {
  KROMO_SKETCH_BIAS,
  KROMO_SKETCH_INPUT,
  KROMO_SKETCH_OUTPUT,
  KROMO_SKETCH_HIDDEN,
  KROMO_N_SKETCH_ROLES
} KromoSketchRole;

typedef struct {
  KromoSketchRole role;
  const char *activation; /* its name */
} KromoSketchNeuron;

typedef struct {
  guint source, target; /* indices of neurons */
  double weight;
} KromoSketchSynapse;

/* Neurons may come in any order of roles; they are written in that of the network. */
typedef struct {
  GArray *neurons;  /* KromoSketchNeuron */
  GArray *synapses; /* KromoSketchSynapse */
  guint encodings;  /* how often each of its elements is wrapped into a string */
  gboolean numbers; /* gids are numbers */
  gboolean short_names;
} KromoNetworkSketch;

KromoNetworkSketch *kromo_network_sketch_new (guint n_bias);
void kromo_network_sketch_free (KromoNetworkSketch *sketch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoNetworkSketch, kromo_network_sketch_free)
guint kromo_network_sketch_add (
    KromoNetworkSketch *sketch, KromoSketchRole role, const char *activation);
void kromo_network_sketch_connect (
    KromoNetworkSketch *sketch, guint source, guint target, double weight);
char *kromo_network_sketch_to_json (const KromoNetworkSketch *sketch);

/* ---- patches ---- */

#define KROMO_SKETCH_OUT 0 /* the OutNode, node 0 of every sketch */

typedef enum {
  KROMO_SKETCH_NETWORK_OUTPUT,
  KROMO_SKETCH_NOTE_OUTPUT,
  KROMO_SKETCH_PARTIAL_OUTPUT,
  KROMO_SKETCH_ENVELOPE_OUTPUT
} KromoSketchOutputKind;

typedef enum {
  KROMO_SKETCH_RANGE_MISSING,
  KROMO_SKETCH_RANGE_NULL,
  KROMO_SKETCH_RANGE_GIVEN
} KromoSketchRange;

typedef struct {
  char *id;
  const char *name;                     /* asNEAT's */
  KromoNodeKind kind;                   /* KROMO_N_NODE_KINDS: a network output */
  GString *members;                     /* JSON of the form that it is for */
  double partial_number, inharmonicity; /* of partials; 0: none */
} KromoSketchNode;

typedef struct {
  guint source, target; /* indices of nodes */
  const char *param;    /* NULL: the input */
  double weight;
  KromoSketchRange range_kind;
  double range[2];
  gboolean disabled;
} KromoSketchConnection;

typedef struct {
  gboolean plain;      /* the form it is for */
  gboolean numbers;    /* ids that look like numbers are numbers */
  guint encodings[2];  /* of the patch, and of each of its nodes and connections */
  GPtrArray *nodes;    /* KromoSketchNode */
  GArray *connections; /* KromoSketchConnection */
} KromoPatchSketch;

KromoPatchSketch *kromo_patch_sketch_new (gboolean plain);
void kromo_patch_sketch_free (KromoPatchSketch *sketch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KromoPatchSketch, kromo_patch_sketch_free)

/* @id: (transfer full) */
guint kromo_patch_sketch_add (KromoPatchSketch *sketch, KromoNodeKind kind, char *id);
guint kromo_patch_sketch_add_output (
    KromoPatchSketch *sketch, KromoSketchOutputKind kind, char *id);
KromoSketchNode *kromo_patch_sketch_get (const KromoPatchSketch *sketch, guint node);
GString *kromo_patch_sketch_members (const KromoPatchSketch *sketch, guint node);

/* The new connection, enabled and of weight 1, until the next one is made. */
KromoSketchConnection *kromo_patch_sketch_connect (
    KromoPatchSketch *sketch, guint source, guint target, const char *param);
void kromo_patch_sketch_drive (KromoPatchSketch *sketch, guint output, guint target,
    const char *param, double low, double high);

/* Each in its form; kromo_patch_sketch_to_json() takes the one that the sketch is for. */
char *kromo_patch_sketch_to_json (const KromoPatchSketch *sketch);
char *kromo_patch_sketch_to_asneat (const KromoPatchSketch *sketch);
char *kromo_patch_sketch_to_plain (const KromoPatchSketch *sketch);

/* ---- wild ---- */

typedef struct {
  KromoDice *dice;
  KromoPatchSketch *sketch;
  guint n_outputs;        /* of the network */
  gboolean per_frequency; /* few frequencies, near those that have a network */
  gboolean fades;         /* a node has the key that is faded */
  GArray *audio;          /* guint: the audio nodes so far */
  guint n_wanted;         /* audio nodes */
  guint n_convolvers;
} KromoWild;

/* What of a node can be turned, and the range that makes sense. */
typedef struct {
  KromoNodeKind kind;
  const char *param;
  double low, high;
} KromoKnob;

const KromoKnob *kromo_wild_choose_knob (KromoWild *wild, guint node); /* NULL: it has none */
gboolean kromo_wild_is_source (const KromoWild *wild, guint node);
guint kromo_wild_choose (KromoWild *wild);           /* one of the audio nodes so far */
guint kromo_wild_choose_processor (KromoWild *wild); /* one with an input, made if there is none */
guint kromo_wild_add (KromoWild *wild, KromoNodeKind kind); /* with what it needs to sound */
guint kromo_wild_add_output (KromoWild *wild, KromoSketchOutputKind kind);
void kromo_wild_drive (
    KromoWild *wild, guint output, guint target, const char *param, double low, double high);
void kromo_wild_link (KromoWild *wild, guint source, guint target);
void kromo_wild_add_composite (KromoWild *wild, guint node); /* what a composite node needs */

/* Loops, modulation, duplicates and other shapes. */
void kromo_wild_add_loops (KromoWild *wild);
void kromo_wild_add_modulation (KromoWild *wild);
void kromo_wild_add_oddities (KromoWild *wild);

char *kromo_wild_network_to_json (KromoDice *dice, guint n_outputs, gboolean per_frequency);

/* ---- kinds ---- */

char *kromo_random_wild (KromoDice *dice, const char *id);
char *kromo_random_musical (KromoDice *dice, const char *id);

G_END_DECLS
