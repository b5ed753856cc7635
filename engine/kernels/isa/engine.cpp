#include "engine/kernels/isa/engine.h"

#include <atomic>
#include <cstdlib>
#include <optional>

#include "engine/base/error.h"

namespace plainsight {
namespace {

std::optional<Engine> find_engine(const std::string& name) {
  for (const Engine engine : {Engine::tuned, Engine::plain})
    if (name == name_of(engine)) return engine;
  return std::nullopt;
}

Engine default_engine() {
  const char* asked = std::getenv("PLAINSIGHT_ENGINE");
  if (asked != nullptr && *asked != 0) {
    if (const auto engine = find_engine(asked)) return *engine;
    throw Error("unknown engine", "PLAINSIGHT_ENGINE=" + std::string(asked), "not a name known here",
                "Use tuned or plain");
  }
#if defined(__x86_64__)
  // Even the baseline kernels (SSE2) compute VGG16 four times as fast as OpenBLAS's for SSE, because Winograd
  // needs fewer multiplications, and train as fast: docs/engines.md.
  return Engine::tuned;
#else
  return Engine::plain;
#endif
}

constexpr int kUndecided = -1;
std::atomic<int> in_use{kUndecided};

}  // namespace

const char* name_of(Engine engine) { return engine == Engine::tuned ? "tuned" : "plain"; }

Engine parse_engine(const std::string& name) {
  if (const auto engine = find_engine(name)) return *engine;
  throw UsageError("unknown engine", name, "not a name known here", "Use tuned or plain");
}

Engine engine() {
  const int value = in_use.load(std::memory_order_relaxed);
  if (value != kUndecided) return static_cast<Engine>(value);
  const Engine chosen = default_engine();
  set_engine(chosen);
  return chosen;
}

void set_engine(Engine engine) { in_use.store(static_cast<int>(engine), std::memory_order_relaxed); }

}  // namespace plainsight
