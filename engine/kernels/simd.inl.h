// A vector of kWidth floats, in the compiler's vector extension: + - * / work as on numbers, and a*b+c
// becomes one FMA. Included once per instruction set, inside that set's namespace; PLAINSIGHT_WIDTH says how
// many floats fit.

static constexpr int kWidth = PLAINSIGHT_WIDTH;

typedef float vf __attribute__((vector_size(4 * PLAINSIGHT_WIDTH)));
typedef int vi __attribute__((vector_size(4 * PLAINSIGHT_WIDTH)));
// The same, without an alignment promise: for loads and stores at any address.
typedef float vfu __attribute__((vector_size(4 * PLAINSIGHT_WIDTH), aligned(4), may_alias));

#define PLAINSIGHT_INLINE static inline __attribute__((always_inline))

PLAINSIGHT_INLINE vf load(const float* p) { return *reinterpret_cast<const vfu*>(p); }
PLAINSIGHT_INLINE void store(float* p, vf x) { *reinterpret_cast<vfu*>(p) = x; }
PLAINSIGHT_INLINE vf broadcast(float x) { return x - vf{}; }
PLAINSIGHT_INLINE vf max(vf a, vf b) { return a > b ? a : b; }
PLAINSIGHT_INLINE vf min(vf a, vf b) { return a < b ? a : b; }
