#if defined(__x86_64__)
#define PLAINSIGHT_ISA avx512
#define PLAINSIGHT_WIDTH 16
#include "engine/kernels/isa/table.inl.h"
#endif
