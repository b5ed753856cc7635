#include "weights-convert/allowed_names.h"

#include <array>

namespace plainsight::convert {
namespace {

constexpr AllowedName kAllowed[] = {
    {"collections", "OrderedDict", Callable::ordered_dict},
    {"torch._utils", "_rebuild_tensor", Callable::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", Callable::rebuild_tensor_v2},
    {"torch._utils", "_rebuild_parameter", Callable::rebuild_parameter},
    {"torch.nn.parameter", "Parameter", Callable::parameter},
    {"torch", "FloatStorage", Callable::storage_type, Dtype::F32},
    {"torch", "DoubleStorage", Callable::storage_type, Dtype::F64},
    {"torch", "HalfStorage", Callable::storage_type, Dtype::F16},
    {"torch", "BFloat16Storage", Callable::storage_type, Dtype::BF16},
    {"torch", "LongStorage", Callable::storage_type, Dtype::I64},
    {"torch", "IntStorage", Callable::storage_type, Dtype::I32},
    {"torch", "ShortStorage", Callable::storage_type, Dtype::I16},
    {"torch", "CharStorage", Callable::storage_type, Dtype::I8},
    {"torch", "ByteStorage", Callable::storage_type, Dtype::U8},
    {"torch", "BoolStorage", Callable::storage_type, Dtype::BOOL},
    // numpy 1 and numpy 2 call the same things by different modules.
    {"numpy.core.multiarray", "_reconstruct", Callable::numpy_reconstruct},
    {"numpy._core.multiarray", "_reconstruct", Callable::numpy_reconstruct},
    {"numpy.core.numeric", "_frombuffer", Callable::numpy_frombuffer},
    {"numpy._core.numeric", "_frombuffer", Callable::numpy_frombuffer},
    {"numpy", "ndarray", Callable::numpy_ndarray},
    {"numpy", "dtype", Callable::numpy_dtype},
    // bytes before pickle protocol 3
    {"_codecs", "encode", Callable::codecs_encode},
    {"__builtin__", "bytes", Callable::builtin_bytes},
    {"builtins", "bytes", Callable::builtin_bytes},
};

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// The remedy for a name that a harmless file may contain.
std::string advice(std::string_view module, std::string_view name) {
  const std::string nothing = "Nothing was executed. ";
  if (has(name, "sparse")) return nothing + "Sparse tensors are not supported: save tensor.to_dense()";
  if (has(name, "qtensor") || has(name, "QInt") || has(name, "QUInt"))
    return nothing + "Quantised tensors are not supported: save tensor.dequantize()";
  if (has(name, "Complex"))
    return nothing + "Complex tensors are not supported: save torch.view_as_real(tensor)";
  if (module.starts_with("__torch__"))
    return nothing + "It is a TorchScript archive: save model.state_dict() instead";
  return nothing +
         "What can be read is a state_dict of plain tensors, as torch.save(model.state_dict(), FILE) writes "
         "it, or a dict of numpy arrays";
}

}  // namespace

const AllowedName& allowed_name(std::string_view module, std::string_view name) {
  for (const AllowedName& allowed : kAllowed)
    if (allowed.module == module && allowed.name == name) return allowed;
  throw Refusal{"of " + shown(module) + "." + shown(name), advice(module, name)};
}

}  // namespace plainsight::convert
