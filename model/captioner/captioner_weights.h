#pragma once

#include "engine/io/safetensors.h"
#include "model/captioner/captioner_shape.h"

namespace plainsight {

/// A trained captioner's numbers where they lie in a mapped file, which must outlive them.
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

/// The sizes of the captioner in `file`, read off three of its tensors and proved by the shapes of all
/// others. Names are those of the notebook's state_dict. Throws Error naming file and tensor when one is
/// missing, of another type or of a shape that does not fit the others.
CaptionerShape captioner_shape(const SafetensorsFile& file);

/// Views of all weights. Throws as captioner_shape does.
CaptionerWeights captioner_weights(const SafetensorsFile& file);

/// Hash of tensors' numbers, one after another: what a model file's metadata keep under "checksum".
std::string checksum(std::span<const ConstView> tensors);

/// Throws Error unless a run's model file is whole: the tensors that `shape`, the run's, asks for, and
/// numbers that match the checksum in its metadata, where it has one.
void verify_model(const SafetensorsFile& file, const CaptionerShape& shape);

}  // namespace plainsight
