#define PLAINSIGHT_ISA baseline
#define PLAINSIGHT_WIDTH 4
#include "engine/kernels/table.inl.h"
