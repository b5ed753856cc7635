#pragma once

#include <cstring>
#include <new>
#include <span>
#include <type_traits>

#include "engine/base/arena.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// A value on the tape, and the memory in which its gradient is summed. Trivially copyable; valid until
/// Tape::clear(). An empty gradient: not wanted.
struct Var {
  ConstView value;
  View gradient;
};

/// The record of a forward pass. An operation's recorder computes its result at once and stores a closure
/// here; backward() runs the closures from last to first. The order of recording is a topological order, so
/// nothing is sorted. Closures and values live in an arena, so nothing is allocated after the first step.
/// Passed explicitly, never global; not for use by two threads at once.
class Tape {
 public:
  /// A value from outside (features, a test's operand) without a gradient, or with one that the caller owns.
  /// Both must outlive the step.
  Var input(ConstView value, View gradient = {}) const { return {value, gradient}; }

  /// Memory for an operation's result, or for values that it saves; not set to zero.
  View allocate(Shape shape);
  template <class T>
  T* allocate_array(std::int64_t count) {
    return arena_.allocate_array<T>(count);
  }
  /// A copy that lives as long as the step: for ids, lengths and targets that backward needs again.
  template <class T>
  std::span<const T> keep(std::span<const T> values) {
    T* copy = arena_.allocate_array<T>(values.size());
    if (!values.empty()) std::memcpy(copy, values.data(), values.size_bytes());
    return {copy, values.size()};
  }
  /// Scratch for use within one call of a forward or backward function (give it back by ArenaScope).
  Arena& scratch() { return scratch_; }

  /// False while a NoGradients lives: results then have no gradient, and record() does nothing.
  bool records() const { return records_; }

  /// The result of an operation, with a gradient that starts at zero.
  Var result(View value);

  /// Stores the backward step of an operation: a closure that adds to its inputs' gradients. It may capture
  /// whatever has no destructor: views, spans, scalars, Tape*.
  template <class F>
  void record(F backward) {
    static_assert(std::is_trivially_destructible_v<F>, "closures on the tape are never destroyed");
    if (!records_) return;
    auto* step = arena_.allocate_array<StepOf<F>>(1);
    new (step) StepOf<F>{{[](Step* s) { static_cast<StepOf<F>*>(s)->backward(); }, last_}, backward};
    last_ = step;
  }

  /// Sets the gradient of `y` to `dy` (empty: to 1, for a loss) and runs the recorded steps, the last
  /// one first.
  void backward(Var y, ConstView dy = {});

  /// Drops everything recorded and keeps the memory for the next step. Best at the end of a step.
  void clear();

 private:
  struct Step {
    void (*run)(Step*);
    Step* previous;
  };
  template <class F>
  struct StepOf : Step {
    F backward;
  };

  friend class NoGradients;

  Arena arena_, scratch_;
  Step* last_ = nullptr;
  bool records_ = true;
};

/// Evaluation on a tape, as under torch.no_grad(): in its scope operations compute results only. Values
/// recorded before keep their gradients.
class NoGradients {
 public:
  explicit NoGradients(Tape& tape) : tape_(tape), before_(tape.records_) { tape.records_ = false; }
  ~NoGradients() { tape_.records_ = before_; }
  NoGradients(const NoGradients&) = delete;
  NoGradients& operator=(const NoGradients&) = delete;

 private:
  Tape& tape_;
  const bool before_;
};

}  // namespace plainsight
