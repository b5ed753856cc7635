#include "model/captioner/decoder.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "engine/kernels/isa/engine.h"
#include "model/captioner/logits.h"
#include "tests/model/captioner/tiny_captioner.h"
#include "tests/support/data.h"

using namespace plainsight;
using Captions = std::vector<std::vector<Hypothesis>>;

namespace {

DecodeOptions options(DecodeOptions::Method method, int beam, int max_length) {
  DecodeOptions o;
  o.method = method;
  o.beam = beam;
  o.max_length = max_length;
  return o;
}

/// The same captions; on the tuned engine with the same bits. BLAS may sum in another order when a matrix has
/// another number of rows: on the plain engine log p may differ by rounding, and a draw that falls on the
/// border between two tokens may choose the other one (seen: 1 in 3300 captions of 11 draws).
void check_same(const Captions& a, const Captions& b) {
  const bool plain = engine() == Engine::plain;
  std::size_t others = 0;
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(a[i].size() == b[i].size());
    for (std::size_t j = 0; j < a[i].size(); ++j) {
      const Hypothesis &one = a[i][j], &other = b[i][j];
      INFO("image " << i << ", caption " << j);
      if (plain && one.tokens != other.tokens) {
        ++others;
        continue;
      }
      CHECK(one.tokens == other.tokens);
      CHECK(std::abs(one.log_probability - other.log_probability) <=
            (plain ? 1e-5 : 0) * std::abs(other.log_probability));
    }
  }
  CHECK(others <= a.size() / 500);
}

/// log p of every caption that ends or reaches `max_length`, by following the model along every path.
void all_captions(const CaptionerStep& step, SpecialIds ids, ConstView image, int max_length,
                  std::vector<Hypothesis>& found, Hypothesis path = {}) {
  Tensor h({1, step.shape().hidden}), c({1, step.shape().hidden}), x({1, step.shape().embed}),
      gates({1, 4 * step.shape().hidden}), logits({1, step.shape().vocab});
  step.start(h, c, image);
  std::int32_t token = ids.sos;
  step.advance(h, c, x, gates, std::span(&token, 1));
  for (const std::int32_t t : path.tokens) step.advance(h, c, x, gates, std::span(&t, 1));
  step.output(logits, h);
  double sum = 0;
  for (std::int64_t v = 0; v < logits.size(); ++v) sum += std::exp(static_cast<double>(logits[v]));
  for (std::int32_t v = 0; v < static_cast<std::int32_t>(logits.size()); ++v) {
    Hypothesis next = path;
    next.tokens.push_back(v);
    next.log_probability += static_cast<double>(logits[v]) - std::log(sum);
    if (v == ids.eos || v == ids.pad || static_cast<int>(next.tokens.size()) == max_length - 1)
      found.push_back(next);
    else
      all_captions(step, ids, image, max_length, found, next);
  }
}

}  // namespace

TEST_CASE("greedy and beam find PyTorch's captions") {
  const SafetensorsFile file(test::golden("decoder_model.safetensors"));
  std::ifstream stream(test::golden("decoder.json"));
  const auto golden = nlohmann::json::parse(stream);
  const Decoder decoder(captioner_weights(file), {golden["sos"], golden["eos"], golden["pad"]});
  const ConstView images = file.f32("images");
  int compared = 0;
  for (const auto& c : golden["cases"]) {
    DecodeOptions o = options(DecodeOptions::Method::beam, c["beam"], golden["max_length"]);
    o.length_penalty = c["length_penalty"];
    o.count = o.beam;
    const Captions captions = decoder.decode(images, o);
    if (o.beam == 1) {
      o.method = DecodeOptions::Method::greedy;
      check_same(decoder.decode(images, o), captions);
    }
    REQUIRE(captions.size() == c["images"].size());
    for (std::size_t i = 0; i < captions.size(); ++i) {
      REQUIRE(captions[i].size() == c["images"][i].size());
      for (std::size_t j = 0; j < captions[i].size(); ++j) {
        INFO("beam " << o.beam << ", image " << i << ", caption " << j);
        CHECK(captions[i][j].tokens == c["images"][i][j]["tokens"].get<std::vector<std::int32_t>>());
        // Sums of up to 8 terms, each from float32 sums of 13 products of order 1 to 10.
        CHECK(captions[i][j].log_probability ==
              doctest::Approx(c["images"][i][j]["log_probability"].get<double>()).epsilon(1e-5));
        ++compared;
      }
    }
  }
  CHECK(compared == 12 * (1 + 2 + 3 + 3 + 5));
}

TEST_CASE("a beam as wide as all captions finds the likeliest of all") {
  const test::TinyCaptioner tiny({.features = 4, .embed = 3, .hidden = 5, .vocab = 5}, 11);
  const SpecialIds ids{3, 4, 0};
  const auto step = make_captioner_step(tiny.weights());
  const Decoder decoder(tiny.weights(), ids);
  const Tensor images = test::random_features(6, 4, 5);
  constexpr int kMaxLength = 4;
  for (const double penalty : {0.0, 0.7}) {
    DecodeOptions o = options(DecodeOptions::Method::beam, 64, kMaxLength);
    o.length_penalty = penalty;
    const Captions captions = decoder.decode(images, o);
    for (std::int64_t i = 0; i < images.shape()[0]; ++i) {
      std::vector<Hypothesis> all;
      all_captions(*step, ids, images.view().slice(i, i + 1), kMaxLength, all);
      REQUIRE(all.size() > 40);
      const auto score = [&](const Hypothesis& h) {
        return h.log_probability / std::pow(static_cast<double>(h.tokens.size()), penalty);
      };
      const auto best =
          std::max_element(all.begin(), all.end(),
                           [&](const Hypothesis& a, const Hypothesis& b) { return score(a) < score(b); });
      INFO("image " << i << ", penalty " << penalty);
      CHECK(captions[static_cast<std::size_t>(i)][0].tokens == best->tokens);
      CHECK(captions[static_cast<std::size_t>(i)][0].log_probability ==
            doctest::Approx(best->log_probability).epsilon(1e-5));
    }
  }
}

TEST_CASE("a search that ends when nothing more can win has the result of the whole search") {
  const test::TinyCaptioner tiny({.features = 4, .embed = 3, .hidden = 5, .vocab = 9}, 37);
  // Among these are searches whose weaker hypotheses must stay for the best one's sake.
  const Tensor images = test::random_features(50, 4, 137);
  std::size_t ended_early = 0;
  for (const std::int32_t eos : {1, 2, 3, 4, 5, 6, 7}) {
    const Decoder decoder(tiny.weights(), {8, eos, 0});
    for (const double penalty : {0.0, 0.5, 1.0}) {
      // When count is the beam's size, a search goes on until all hypotheses have ended: none leaves early.
      DecodeOptions o = options(DecodeOptions::Method::beam, 5, 14);
      o.length_penalty = penalty;
      o.count = 5;
      const Captions whole = decoder.decode(images, o);
      for (const auto& captions : whole) REQUIRE(captions.size() == 5);
      for (const int count : {1, 2, 3}) {
        o.count = count;
        Captions best = whole;
        for (auto& captions : best)
          captions.resize(std::min(captions.size(), static_cast<std::size_t>(count)));
        check_same(decoder.decode(images, o), best);
        for (const auto& captions : best) ended_early += captions.back().tokens.size() < 13 ? 1 : 0;
      }
    }
  }
  CHECK(ended_early > 500);
}

TEST_CASE("captions do not depend on the other images of the batch or on the threads") {
  const test::TinyCaptioner tiny({.features = 6, .embed = 9, .hidden = 17, .vocab = 301}, 2);
  const Decoder decoder(tiny.weights(), {299, 300, 0});
  const Tensor images = test::random_features(1100, 6, 8);  // more than one group
  for (const auto method :
       {DecodeOptions::Method::greedy, DecodeOptions::Method::beam, DecodeOptions::Method::sample}) {
    const DecodeOptions o = options(method, 3, 12);
    const Captions together = decoder.decode(images, o);
    Captions alone;
    for (std::int64_t i = 0; i < images.shape()[0]; ++i)
      alone.push_back(decoder.decode(images.view().slice(i, i + 1), o, i).front());
    check_same(together, alone);
    const int before = threads();
    set_threads(before == 1 ? 2 : 1);
    check_same(together, decoder.decode(images, o));
    set_threads(before);
  }
}

TEST_CASE("log-probabilities are the model's, and captions end where they should") {
  const test::TinyCaptioner tiny({.features = 4, .embed = 3, .hidden = 5, .vocab = 5}, 11);
  const SpecialIds ids{3, 4, 0};
  const auto step = make_captioner_step(tiny.weights());
  const Decoder decoder(tiny.weights(), ids);
  const Tensor image = test::random_features(1, 4, 5);
  std::vector<Hypothesis> all;
  all_captions(*step, ids, image, 4, all);
  DecodeOptions o = options(DecodeOptions::Method::sample, 1, 4);
  o.count = 200;
  o.temperature = 0.5;
  const Captions captions = decoder.decode(image, o);
  for (const Hypothesis& h : captions[0]) {
    const auto same = std::find_if(all.begin(), all.end(),
                                   [&](const Hypothesis& other) { return other.tokens == h.tokens; });
    REQUIRE(same != all.end());
    CHECK(h.log_probability == doctest::Approx(same->log_probability).epsilon(1e-5));
  }
}

TEST_CASE("sampling draws from the tempered, truncated distribution") {
  const test::TinyCaptioner tiny({.features = 4, .embed = 3, .hidden = 5, .vocab = 6}, 11);
  const SpecialIds ids{4, 5, 0};
  const auto step = make_captioner_step(tiny.weights());
  const Decoder decoder(tiny.weights(), ids);
  const Tensor image = test::random_features(1, 4, 5);
  Tensor h({1, 5}), c({1, 5}), x({1, 3}), gates({1, 20}), logits({1, 6});
  step->start(h, c, image);
  step->advance(h, c, x, gates, std::span(&ids.sos, 1));
  step->output(logits, h);

  struct Case {
    double temperature;
    int top_k;
    double top_p;
  };
  for (const Case& k : {Case{1, 0, 1}, Case{0.5, 0, 1}, Case{2, 3, 1}, Case{1, 0, 0.7}, Case{1, 4, 0.8}}) {
    // The expected distribution of the first token, in the order of likelihood.
    std::vector<std::int32_t> order(6);
    largest(order, std::span(logits.data(), 6));
    std::vector<double> p;
    for (const std::int32_t v : order)
      p.push_back(std::exp(static_cast<double>(logits[v] - logits[order[0]]) / k.temperature));
    if (k.top_k > 0) p.resize(static_cast<std::size_t>(k.top_k));
    double total = 0, sum = 0;
    for (const double likelihood : p) total += likelihood;
    std::size_t kept = 0;
    while (kept < p.size() && sum < k.top_p * total) sum += p[kept++];
    p.resize(kept);

    DecodeOptions o = options(DecodeOptions::Method::sample, 1, 2);
    o.count = 1000;
    o.temperature = k.temperature;
    o.top_k = k.top_k;
    o.top_p = k.top_p;
    std::vector<double> drawn(6, 0.0);
    const Captions captions = decoder.decode(image, o);
    for (const Hypothesis& caption : captions[0]) drawn[static_cast<std::size_t>(caption.tokens[0])] += 1;
    double chi2 = 0, outside = 1000;
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double expected = 1000 * p[i] / sum, seen = drawn[static_cast<std::size_t>(order[i])];
      chi2 += (seen - expected) * (seen - expected) / expected;
      outside -= seen;
    }
    INFO("temperature " << k.temperature << ", top_k " << k.top_k << ", top_p " << k.top_p);
    CHECK(outside == 0);
    CHECK(chi2 < 20.5);  // at most 5 degrees of freedom: passed by one fair draw in a thousand
  }
  DecodeOptions o = options(DecodeOptions::Method::sample, 1, 6);
  o.count = 20;
  const Captions one = decoder.decode(image, o);
  check_same(one, decoder.decode(image, o));
  o.seed = 1;
  const Captions other = decoder.decode(image, o);
  int different = 0;
  for (std::size_t j = 0; j < 20; ++j) different += one[0][j].tokens != other[0][j].tokens ? 1 : 0;
  CHECK(different > 0);
}

TEST_CASE("top-p keeps the fewest words that reach it, the one that does included") {
  // Without weights all eight words are equally likely: four are one half.
  const CaptionerShape shape{.features = 4, .embed = 3, .hidden = 5, .vocab = 8};
  const test::TinyCaptioner tiny(shape, 0, 0);
  const Decoder decoder(tiny.weights(), {6, 7, 0});
  DecodeOptions o = options(DecodeOptions::Method::sample, 1, 2);
  o.count = 200;
  o.top_p = 0.5;
  std::set<std::int32_t> drawn;
  const Captions captions = decoder.decode(test::random_features(1, 4, 5), o);
  for (const Hypothesis& h : captions[0]) drawn.insert(h.tokens[0]);
  CHECK(drawn == std::set<std::int32_t>{0, 1, 2, 3});
}

TEST_CASE("options out of range are refused by name") {
  const auto refused = [](auto change) {
    DecodeOptions o;
    change(o);
    try {
      o.check();
    } catch (const UsageError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(refused([](DecodeOptions&) {}) == "");
  CHECK(refused([](DecodeOptions& o) { o.beam = 0; }).find("--beam") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.beam = 65; }).find("--beam") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.temperature = 0; }).find("--temperature") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.temperature = NAN; }).find("--temperature") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.top_p = 0; }).find("--top-p") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.top_p = 1.01; }).find("--top-p") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.top_k = -1; }).find("--top-k") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.max_length = 1; }).find("--max-length") != std::string::npos);
  CHECK(refused([](DecodeOptions& o) { o.count = 4; }).find("--num") != std::string::npos);
}

TEST_CASE("largest orders by value, then by id") {
  const std::vector<float> row = {1, 5, 3, 5, -2, 3};
  std::vector<std::int32_t> best(4);
  largest(best, row);
  CHECK(best == std::vector<std::int32_t>{1, 3, 2, 5});
  std::vector<std::int32_t> all(6);
  largest(all, row);
  CHECK(all == std::vector<std::int32_t>{1, 3, 2, 5, 0, 4});
}
