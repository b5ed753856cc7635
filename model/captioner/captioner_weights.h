#pragma once

#include "engine/io/safetensors.h"
#include "model/captioner/captioner_shape.h"

namespace plainsight {

/// Views of a trained captioner's weights in a mapped file, which must outlive them.
/// Shapes in the comments: D features, E embed, H hidden, V vocab.
struct CaptionerWeights {
  CaptionerShape shape;
  ConstView img_to_h_weight, img_to_h_bias;  ///< [H,D], [H]
  ConstView img_to_c_weight, img_to_c_bias;  ///< [H,D], [H]
  ConstView embedding;                       ///< [V,E]
  ConstView weight_ih, weight_hh;            ///< [4H,E], [4H,H], gates in rows i, f, g, o
  ConstView bias_ih, bias_hh;                ///< [4H], [4H]
  ConstView fc_weight, fc_bias;              ///< [V,H], [V]
};

/// The sizes of the captioner in `file`, from three of its tensors; checks the shapes of all others against
/// them. Names are those of the notebook's state_dict. Throws Error naming file and tensor when one is
/// missing, of another type or of a shape that does not fit the others.
CaptionerShape captioner_shape(const SafetensorsFile& file);

/// Views of all weights. Throws as captioner_shape does.
CaptionerWeights captioner_weights(const SafetensorsFile& file);

/// Hash of the tensors' values, one after another: the "checksum" in a model file's metadata.
std::string checksum(std::span<const ConstView> tensors);

/// Throws Error unless a run's model file is whole: it has the tensors of `shape`, the run's, and
/// their values match the checksum in its metadata, where it has one.
void verify_model(const SafetensorsFile& file, const CaptionerShape& shape);

}  // namespace plainsight
