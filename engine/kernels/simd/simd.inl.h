// A vector of kWidth floats, in the compiler's vector extension: + - * / work as on scalars. a*b+c becomes
// one FMA where the compiler sees fit, which can differ wherever it inlines the expression; where two loops,
// or the full vectors and the rest of one loop, must give the same bits, write fma(). Included once per
// instruction set, inside that set's namespace; PLAINSIGHT_WIDTH is the number of floats in a vector.
#pragma once

static constexpr int kWidth = PLAINSIGHT_WIDTH;

typedef float vf __attribute__((vector_size(4 * PLAINSIGHT_WIDTH)));
typedef int vi __attribute__((vector_size(4 * PLAINSIGHT_WIDTH)));
// The same, without an alignment promise: for loads and stores at any address.
typedef float vfu __attribute__((vector_size(4 * PLAINSIGHT_WIDTH), aligned(4), may_alias));

#define PLAINSIGHT_INLINE static inline __attribute__((always_inline))
// The same for a lambda: [=](long i) PLAINSIGHT_ALWAYS { ... }
#define PLAINSIGHT_ALWAYS __attribute__((always_inline))

// Before a loop over a small constant count whose variables must live in registers.
#if defined(__clang__)
#define PLAINSIGHT_UNROLL _Pragma("clang loop unroll(full)")
#else
#define PLAINSIGHT_UNROLL _Pragma("GCC unroll 16")
#endif

PLAINSIGHT_INLINE vf load(const float* p) { return *reinterpret_cast<const vfu*>(p); }
PLAINSIGHT_INLINE void store(float* p, vf x) { *reinterpret_cast<vfu*>(p) = x; }
// Stores to memory that is not read again soon, p aligned to a vector: the cache line is not fetched first.
// Other threads see it after stream_end().
PLAINSIGHT_INLINE void stream(float* p, vf x) {
#if PLAINSIGHT_WIDTH == 16
  _mm512_stream_ps(p, x);
#elif PLAINSIGHT_WIDTH == 8
  _mm256_stream_ps(p, x);
#else
  store(p, x);
#endif
}
PLAINSIGHT_INLINE void stream_end() {
#if PLAINSIGHT_WIDTH >= 8
  _mm_sfence();
#endif
}
PLAINSIGHT_INLINE vf broadcast(float x) { return x - vf{}; }
PLAINSIGHT_INLINE vf max(vf a, vf b) { return a > b ? a : b; }
// NaN where a or b is, like PyTorch's max_pool2d; max() gives b where a is NaN.
PLAINSIGHT_INLINE vf max_or_nan(vf a, vf b) { return a == a ? max(a, b) : a; }
PLAINSIGHT_INLINE vf min(vf a, vf b) { return a < b ? a : b; }

// a*b + c, rounded once where the processor can and always twice where it cannot.
PLAINSIGHT_INLINE vf fma(vf a, vf b, vf c) {
#if PLAINSIGHT_WIDTH == 16
  return _mm512_fmadd_ps(a, b, c);
#elif PLAINSIGHT_WIDTH == 8
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__FP_FAST_FMAF)
  for (int i = 0; i < kWidth; ++i) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
#else
  return a * b + c;
#endif
}
PLAINSIGHT_INLINE vf fma(float a, vf b, vf c) { return fma(broadcast(a), b, c); }

// a0 b0 a1 b1 ... of the lower, and of the upper, halves of a and b.
#if PLAINSIGHT_WIDTH == 4
PLAINSIGHT_INLINE vf interleave_low(vf a, vf b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
PLAINSIGHT_INLINE vf interleave_high(vf a, vf b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
#elif PLAINSIGHT_WIDTH == 8
PLAINSIGHT_INLINE vf interleave_low(vf a, vf b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
PLAINSIGHT_INLINE vf interleave_high(vf a, vf b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
#else
PLAINSIGHT_INLINE vf interleave_low(vf a, vf b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
PLAINSIGHT_INLINE vf interleave_high(vf a, vf b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
#endif

// Transposes a kWidth x kWidth block: after log2(kWidth) rounds of interleaving row i with row i + kWidth/2,
// rows are columns.
PLAINSIGHT_INLINE void transpose(vf* rows) {
  vf other[kWidth];
  vf *from = rows, *to = other;
  PLAINSIGHT_UNROLL
  for (int round = 1; round < kWidth; round *= 2) {
    PLAINSIGHT_UNROLL
    for (int i = 0; i < kWidth / 2; ++i) {
      to[2 * i] = interleave_low(from[i], from[i + kWidth / 2]);
      to[2 * i + 1] = interleave_high(from[i], from[i + kWidth / 2]);
    }
    vf* t = from;
    from = to;
    to = t;
  }
  if (from != rows) {
    PLAINSIGHT_UNROLL
    for (int i = 0; i < kWidth; ++i) rows[i] = from[i];
  }
}

// x 2^n for integers n from -252 to 254; subnormal results are rounded once or twice. NaN if x is NaN,
// whatever n is.
PLAINSIGHT_INLINE vf scale_by_power_of_two(vf x, vf n) {
#if PLAINSIGHT_WIDTH == 16
  return _mm512_maskz_scalef_ps(static_cast<__mmask16>(-1), x, n);  // as with sqrt below
#else
  // In two factors: the range of n exceeds that of one float's exponent.
  const vi k = __builtin_convertvector(n == n ? n : vf{}, vi), half = k >> 1;
  const vi a = (half + 127) << 23, b = (k - half + 127) << 23;
  return x * reinterpret_cast<vf>(a) * reinterpret_cast<vf>(b);
#endif
}

// The correctly rounded square root, for which compilers have no operator on vectors.
PLAINSIGHT_INLINE vf sqrt(vf x) {
#if PLAINSIGHT_WIDTH == 16
  return _mm512_maskz_sqrt_ps(static_cast<__mmask16>(-1), x);  // the unmasked one makes GCC 12 warn
#elif PLAINSIGHT_WIDTH == 8
  return _mm256_sqrt_ps(x);
#else
  for (int i = 0; i < kWidth; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

// kWidth floats at p, of which the first `lanes` exist; the others are 0. With lanes == kWidth this is one
// plain load.
PLAINSIGHT_INLINE vf load(const float* p, long lanes) {
  if (lanes == kWidth) return load(p);
#if PLAINSIGHT_WIDTH == 16
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << lanes) - 1), p);
#else
  vf v = {};
  for (long i = 0; i < lanes; ++i) v[i] = p[i];
  return v;
#endif
}
PLAINSIGHT_INLINE void store(float* p, vf v, long lanes) {
  if (lanes == kWidth) return store(p, v);
#if PLAINSIGHT_WIDTH == 16
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << lanes) - 1), v);
#else
  for (long i = 0; i < lanes; ++i) p[i] = v[i];
#endif
}

// f(i, lanes) for every vector of n floats; only the last may have fewer than kWidth lanes.
template <class F>
PLAINSIGHT_INLINE void for_each_vector(long n, F f) {
  long i = 0;
  for (; i + kWidth <= n; i += kWidth) f(i, static_cast<long>(kWidth));
  if (i < n) f(i, n - i);
}

// The sum and the maximum over a vector's lanes, by halves.
PLAINSIGHT_INLINE float sum_of(vf x) {
  float lanes[kWidth];
  store(lanes, x);
  PLAINSIGHT_UNROLL
  for (int half = kWidth / 2; half > 0; half /= 2) {
    PLAINSIGHT_UNROLL
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}
PLAINSIGHT_INLINE float max_of(vf x) {
  float lanes[kWidth];
  store(lanes, x);
  PLAINSIGHT_UNROLL
  for (int half = kWidth / 2; half > 0; half /= 2) {
    PLAINSIGHT_UNROLL
    for (int i = 0; i < half; ++i) lanes[i] = lanes[i] > lanes[i + half] ? lanes[i] : lanes[i + half];
  }
  return lanes[0];
}

PLAINSIGHT_INLINE vi as_ints(vf x) { return reinterpret_cast<vi>(x); }
PLAINSIGHT_INLINE vf as_floats(vi x) { return reinterpret_cast<vf>(x); }
