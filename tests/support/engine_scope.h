#pragma once

#include "engine/kernels/isa/engine.h"

namespace plainsight::test {

/// Another engine for the length of a scope.
class EngineScope {
 public:
  explicit EngineScope(Engine e) : before_(engine()) { set_engine(e); }
  ~EngineScope() { set_engine(before_); }
  EngineScope(const EngineScope&) = delete;
  EngineScope& operator=(const EngineScope&) = delete;

 private:
  Engine before_;
};

}  // namespace plainsight::test
