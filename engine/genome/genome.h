/* The decoded genome, as the rest of the engine sees it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Both stored forms (asNEAT and plain) end up here in the plain form: audio graph nodes in their
 * JavaScript key order (keys that look like array indices ascending, then order of appearance), each
 * with its connections in order, and a list of network outputs. Everything is validated: indices are
 * in range, enumerations known, numbers finite unless said otherwise.
 */
#pragma once

#include "../kromo.h"

G_BEGIN_DECLS

/* Limits of what is accepted, each with its own error (KROMO_ERROR_LIMIT). */
#define KROMO_MAX_JSON_DEPTH 32
#define KROMO_MAX_JSON_TOKENS 4000000
#define KROMO_MAX_JSON_ENCODINGS 8 /* JSON inside a string inside JSON ... */
#define KROMO_MAX_NETWORKS 4096
#define KROMO_MAX_NETWORK_NODES 65536 /* in one CPPN */
#define KROMO_MAX_NETWORK_CONNECTIONS 262144
#define KROMO_MAX_PATCH_NODES                                                                      \
  4096 /* audio nodes and network outputs together, weight nodes apart */
#define KROMO_MAX_PATCH_CONNECTIONS 16384

/* ---- wave network ---- */

typedef enum {
  KROMO_ACTIVATION_SINE,            /* sin x */
  KROMO_ACTIVATION_SINE2,           /* sin 2x */
  KROMO_ACTIVATION_COS,             /* cos x */
  KROMO_ACTIVATION_ARCTAN,          /* atan x */
  KROMO_ACTIVATION_TRIANGLE,        /* (2/pi) asin (sin x) */
  KROMO_ACTIVATION_SAWTOOTH,        /* 2 (x/2pi - floor (1/2 + x/2pi)) */
  KROMO_ACTIVATION_STEP,            /* x <= 0 ? -1 : 1 */
  KROMO_ACTIVATION_SPIKE,           /* floor x even ? 1 - 2(x - floor x) : -1 + 2(x - floor x) */
  KROMO_ACTIVATION_BIPOLAR_SIGMOID, /* 2 / (1 + exp (-4.9 x)) - 1 */
  KROMO_ACTIVATION_PLAIN_SIGMOID,   /* 1 / (1 + exp (-x)) */
  KROMO_ACTIVATION_GAUSSIAN,        /* 2 exp (-(2.5 x)^2) - 1 */
  KROMO_ACTIVATION_LINEAR,          /* |x|, a quirk of the reference */
  KROMO_ACTIVATION_NULL,            /* 0 */
  KROMO_N_ACTIVATIONS
} KromoActivation;

typedef struct {
  guint32 source, target; /* node indices */
  double weight;          /* already that of the last connection between the same pair */
} KromoNetworkConnection;

/* A CPPN. Nodes in order: n_bias bias nodes (constant 1), n_inputs inputs, n_outputs outputs, hidden.
 * Cycles are still in; connections into bias and input nodes are not. */
typedef struct {
  guint n_bias, n_inputs, n_outputs, n_nodes;
  guint8 *activations; /* [n_nodes], KromoActivation; unused for bias and inputs */
  guint n_connections;
  KromoNetworkConnection *connections; /* in document order */
} KromoNetwork;

/* ---- patch ---- */

typedef enum {
  KROMO_NODE_GAIN,
  KROMO_NODE_OSCILLATOR,
  KROMO_NODE_BUFFER_SOURCE,
  KROMO_NODE_WAVETABLE,
  KROMO_NODE_ADDITIVE,
  KROMO_NODE_DELAY,
  KROMO_NODE_BIQUAD_FILTER,
  KROMO_NODE_WAVE_SHAPER,
  KROMO_NODE_DYNAMICS_COMPRESSOR,
  KROMO_NODE_CONVOLVER,
  KROMO_NODE_FEEDBACK_DELAY,
  KROMO_NODE_CHANNEL_MERGER,
  KROMO_N_NODE_KINDS
} KromoNodeKind;

/* Parameters and other named inputs that a connection or a network output can drive. */
typedef enum {
  KROMO_PARAM_NONE, /* the node's input, or (for a network output) nothing */
  KROMO_PARAM_GAIN,
  KROMO_PARAM_FREQUENCY,
  KROMO_PARAM_DETUNE,
  KROMO_PARAM_Q,
  KROMO_PARAM_DELAY_TIME,
  KROMO_PARAM_PLAYBACK_RATE,
  KROMO_PARAM_THRESHOLD,
  KROMO_PARAM_KNEE,
  KROMO_PARAM_RATIO,
  KROMO_PARAM_ATTACK,
  KROMO_PARAM_RELEASE,
  KROMO_PARAM_FEEDBACK_RATIO,
  KROMO_N_NUMERIC_PARAMS, /* those above are numbers */
  KROMO_PARAM_BUFFER = KROMO_N_NUMERIC_PARAMS,
  KROMO_PARAM_CURVE,
  KROMO_PARAM_MIX,
  KROMO_PARAM_PARTIAL_BUFFER,
  KROMO_PARAM_PARTIAL_GAIN_ENVELOPE,
  KROMO_PARAM_UNKNOWN,
  KROMO_N_PARAMS
} KromoParam;

typedef enum {
  KROMO_SHAPE_SINE, /* oscillator types; SINE is the default */
  KROMO_SHAPE_SQUARE,
  KROMO_SHAPE_SAWTOOTH,
  KROMO_SHAPE_TRIANGLE
} KromoShape;

typedef enum {
  KROMO_FILTER_LOWPASS, /* biquad types; LOWPASS is the default */
  KROMO_FILTER_HIGHPASS,
  KROMO_FILTER_BANDPASS,
  KROMO_FILTER_LOWSHELF,
  KROMO_FILTER_HIGHSHELF,
  KROMO_FILTER_PEAKING,
  KROMO_FILTER_NOTCH,
  KROMO_FILTER_ALLPASS
} KromoFilter;

#define KROMO_DESTINATION (-1) /* as a connection's target: the graph's output */

/* A connection from one audio node to another. */
typedef struct {
  gint target;      /* index into KromoPatch.nodes, or KROMO_DESTINATION */
  KromoParam param; /* KROMO_PARAM_NONE: the input */
  char *param_name; /* as stored; NULL for the input */
  gboolean
      enabled; /* FALSE only where a stored asNEAT connection is disabled (the reference ignores it) */
} KromoPatchConnection;

typedef struct {
  char *key;
  KromoNodeKind kind;
  guint32 present; /* bit (1 << KromoParam): that number is stored (truthy, in the asNEAT form) */
  double values[KROMO_N_NUMERIC_PARAMS]; /* valid where present; finite */
  guint shape;             /* KromoShape or KromoFilter; the default where not stored */
  double filter_q;         /* asNEAT `q`, which the reference never applies; NAN where not stored */
  double max_delay_time;   /* seconds; plain form only; NAN where not stored */
  guint oversample;        /* waveShaper: 1, 2 or 4 */
  gboolean normalize;      /* convolver: TRUE by default */
  gboolean loop;           /* bufferSource: FALSE by default */
  gboolean is_weight;      /* a gain made from a connection's weight (key ends in "-weight") */
  gboolean weight_enabled; /* is_weight: FALSE where the stored connection is disabled */
  guint n_connections;
  KromoPatchConnection *connections; /* in order; the same target may occur several times */
} KromoPatchNode;

/* Network outputs: 0..n_outputs-1, or one of these. */
#define KROMO_OUTPUT_NOISE_WHITE (-1)
#define KROMO_OUTPUT_NOISE_PINK (-2)
#define KROMO_OUTPUT_NOISE_BROWN (-3)

/* What a network output drives. */
typedef struct {
  gint node; /* index into KromoPatch.nodes, or KROMO_DESTINATION (drives nothing, but counts) */
  KromoParam param; /* KROMO_PARAM_NONE: drives nothing, but counts */
  char *param_name; /* as stored; NULL for KROMO_PARAM_NONE */
  gboolean has_range;
  double range[2]; /* [min, max], valid with has_range */
  double weight;   /* 1 where not stored */
  gboolean enabled;
  gboolean has_partial;
  double partial_number;       /* 1 where not stored */
  double inharmonicity_factor; /* 0 where not stored */
} KromoDrive;

typedef struct {
  char *id;         /* may be NULL in the plain form */
  gint output;      /* CPPN output or KROMO_OUTPUT_NOISE_* */
  double frequency; /* Hz as stored or made from noteOffset; finite; 0 for noise */
  guint n_drives;
  KromoDrive
      *drives; /* in order: JavaScript key order of their nodes, then order of the connections */
} KromoNetworkOutput;

typedef struct {
  guint n_nodes;
  KromoPatchNode *nodes; /* in order of creation (JavaScript key order) */
  guint n_outputs;
  KromoNetworkOutput *outputs; /* in order */
  guint64 noise_seed; /* FNV-1a 64 over node ids and connection weights in document order */
} KromoPatch;

struct _KromoGenome {
  gatomicrefcount ref_count;
  char *id;
  guint64 digest[2]; /* of the document's text */
  KromoMetadata metadata;
  char **warnings;    /* never NULL */
  gboolean is_asneat; /* the form in which the patch was stored; else plain */
  gboolean per_frequency;
  guint n_networks; /* 1 unless per_frequency */
  double *
      network_keys; /* [n_networks] frequencies in Hz, in JavaScript key order; NULL unless per_frequency */
  KromoNetwork *networks;
  KromoPatch patch;
};

const char *kromo_node_kind_get_name (
    KromoNodeKind kind); /* "gain", "bufferSource", ... as in the plain form */
const char *kromo_param_get_name (KromoParam param);                /* "gain", "delayTime", ... */
const char *kromo_activation_get_name (KromoActivation activation); /* "Sine", "cos", ... */

G_END_DECLS
