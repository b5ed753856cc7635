#pragma once

#include "weights-convert/pickle_value.h"

namespace plainsight::convert {

/// REDUCE: the result of one of the allowed names for these arguments (a tuple's items).
/// Throws Refusal for other arguments than torch and numpy give.
Value& call(ValuePool& pool, const Value& name, const std::vector<Value*>& arguments);

/// BUILD: gives `object` its state. Throws Refusal.
void build(ValuePool& pool, Value& object, const Value& state);

/// BINPERSID: a torch storage, from the tuple that stands for it, of five items in zip containers
/// and of six in legacy ones. Throws Refusal.
Value& storage_of(ValuePool& pool, const Value& id, std::size_t items);

}  // namespace plainsight::convert
