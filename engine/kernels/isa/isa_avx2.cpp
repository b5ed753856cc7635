#if defined(__x86_64__)
#define PLAINSIGHT_ISA avx2
#define PLAINSIGHT_WIDTH 8
#include "engine/kernels/isa/table.inl.h"
#endif
