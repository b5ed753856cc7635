#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tensor/shape.h"

namespace plainsight {

/// The sizes that make a captioner: D image features, an embedding of E values for each of V tokens, H
/// hidden units. The notebook's: 4096, 256, 30524, 256.
struct CaptionerShape {
  std::int64_t features = 4096;  ///< D
  std::int64_t embed = 256;      ///< E
  std::int64_t hidden = 256;     ///< H
  std::int64_t vocab = 30524;    ///< V

  bool operator==(const CaptionerShape&) const = default;
};

struct NamedShape {
  std::string name;
  Shape shape;
};

/// Names and shapes of the captioner's parameters, in the order of the notebook's state_dict:
/// img_to_h, img_to_c, embedding, lstm, fc.
std::vector<NamedShape> captioner_parameters(const CaptionerShape& shape);

}  // namespace plainsight
