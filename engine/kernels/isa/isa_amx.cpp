#if defined(__x86_64__)
#define PLAINSIGHT_ISA amx
#define PLAINSIGHT_WIDTH 16
#define PLAINSIGHT_AMX
#include "engine/kernels/isa/table.inl.h"
#endif
