#if defined(__x86_64__)
#define PLAINSIGHT_ISA amx
#define PLAINSIGHT_WIDTH 16
#include "engine/kernels/table.inl.h"
#endif
