#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "engine/kernels/isa/table.h"

namespace plainsight::test {

/// Calls f with the table of every instruction set that this machine has; a failed check names the set.
inline void for_each_table(const std::function<void(const KernelTable&)>& f) {
  for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512, Isa::amx})
    if (const KernelTable* table = kernels_for(isa)) {
      CAPTURE(std::string(name_of(isa)));
      f(*table);
    }
}

}  // namespace plainsight::test
