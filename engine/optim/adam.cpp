#include "engine/optim/adam.h"

#include <cmath>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/plain/adam.h"

namespace plainsight {

Adam::Adam(ParameterSet& parameters, AdamOptions options)
    : parameters_(parameters),
      options_(options),
      m_({parameters.values().size()}),
      v_({parameters.values().size()}) {}

void Adam::step() { update(false); }
void Adam::step_and_zero() { update(true); }

void Adam::update(bool zero_gradients) {
  ++steps_;
  if (engine() == Engine::plain) {
    const plain::AdamStep step{options_.lr,  options_.beta1,        options_.beta2,
                               options_.eps, options_.weight_decay, steps_};
    return plain::adam_step(plain::row(parameters_.values()), plain::row(parameters_.gradients()),
                            plain::row(m_.view()), plain::row(v_.view()), step, zero_gradients);
  }
  // The factors that depend on t alone, in double, once a step.
  const auto t = static_cast<double>(steps_);
  const double correction1 = 1 - std::pow(options_.beta1, t), correction2 = 1 - std::pow(options_.beta2, t);
  const AdamFactors f{.beta1 = static_cast<float>(options_.beta1),
                      .one_minus_beta1 = static_cast<float>(1 - options_.beta1),
                      .beta2 = static_cast<float>(options_.beta2),
                      .one_minus_beta2 = static_cast<float>(1 - options_.beta2),
                      .eps = static_cast<float>(options_.eps),
                      .weight_decay = static_cast<float>(options_.weight_decay),
                      .step_size = static_cast<float>(options_.lr / correction1),
                      .sqrt_correction2 = static_cast<float>(std::sqrt(correction2))};
  // The lazy tensor cuts the flat buffers in two; without one, the first range is empty.
  update_range(0, lazy_begin_, f, zero_gradients);
  update_range(lazy_end_, parameters_.values().size(), f, zero_gradients);
  if (lazy_) lazy_->step(f, zero_gradients);
}

void Adam::update_range(std::int64_t first, std::int64_t last, const AdamFactors& f, bool zero_gradients) {
  const View p = parameters_.values(), g = parameters_.gradients();
  parallel_for(last - first, 65536, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t i = first + begin;
    kernels().adam.step(p.data + i, g.data + i, m_.data() + i, v_.data() + i, end - begin, f, zero_gradients);
  });
}

void Adam::make_lazy(const Parameter& p) {
  require(!lazy_ || lazy_->up_to_date(), "Adam: catch_up() before make_lazy() is called again");
  if (options_.weight_decay != 0 || engine() == Engine::plain) return;
  const std::int64_t begin = parameters_.offset_of(p);
  const Shape shape = p.value.shape;
  lazy_begin_ = begin;
  lazy_end_ = begin + p.value.size();
  lazy_.emplace(p.value, p.gradient, View(m_.data() + begin, shape), View(v_.data() + begin, shape));
}

void Adam::use_rows(std::span<const std::int32_t> rows) {
  if (lazy_) lazy_->use(rows);
}

void Adam::catch_up() {
  if (lazy_) lazy_->catch_up();
}

View Adam::m() {
  require(!lazy_ || lazy_->up_to_date(), "Adam: catch_up() before m and v are read");
  return m_;
}

View Adam::v() {
  require(!lazy_ || lazy_->up_to_date(), "Adam: catch_up() before m and v are read");
  return v_;
}

}  // namespace plainsight
