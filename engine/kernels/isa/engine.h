#pragma once

#include <string>

namespace plainsight {

/// Which code computes.
/// tuned: the kernels of this folder and of engine/infer, written for each instruction set.
/// plain: the textbook's formulas of engine/plain, in Eigen on BLAS.
enum class Engine { tuned, plain };

const char* name_of(Engine engine);

/// The engine of that name. Throws UsageError.
Engine parse_engine(const std::string& name);

/// The engine in use: the one that set_engine() got; else the one that PLAINSIGHT_ENGINE=tuned|plain names;
/// else tuned on x86-64 and plain elsewhere, where only baseline kernels exist. Throws Error when
/// PLAINSIGHT_ENGINE is neither.
Engine engine();

/// Sets engine() for the whole process. Programs call it once, before they compute anything.
void set_engine(Engine engine);

}  // namespace plainsight
