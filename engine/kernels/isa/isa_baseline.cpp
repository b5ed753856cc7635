#define PLAINSIGHT_ISA baseline
#define PLAINSIGHT_WIDTH 4
#include "engine/kernels/isa/table.inl.h"
