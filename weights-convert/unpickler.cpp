#include "weights-convert/unpickler.h"

#include <cstring>
#include <utility>

#include "engine/base/error.h"
#include "weights-convert/allowed_names.h"
#include "weights-convert/calls.h"
#include "weights-convert/opcodes.h"

namespace plainsight::convert {
namespace {

constexpr std::size_t kMaxStack = 1'000'000, kMaxMemo = 4'000'000, kMaxName = 1024;

/// The pickle machine: a stack of values, marks on it, and a memo. Loops once over the opcodes; recursion is
/// nowhere, so that nesting costs nothing.
class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const UnpickleOptions& options)
      : bytes_(bytes), place_(options.begin), options_(options), pool_(std::make_unique<ValuePool>()) {}

  Unpickled run() {
    try {
      while (step()) {
      }
      if (stack_.size() != 1 || !marks_.empty())
        refuse("it leaves " + std::to_string(stack_.size()) + " values");
    } catch (const Refusal& r) {
      // "of os.system": the name that the opcode requested comes before the position, the reason after it.
      const bool named = r.why.starts_with("of ");
      throw Error("cannot read pickle", options_.where,
                  "pickle opcode " + opcode_name(opcode_) + (named ? " " + r.why : "") + " at byte " +
                      std::to_string(opcode_place_) + ": " + (named ? "not an allowed name" : r.why),
                  r.hint.empty() ? "Nothing was executed" : r.hint);
    }
    return {std::move(pool_), stack_.back(), std::move(storages_), place_};
  }

 private:
  [[noreturn]] static void refuse(const std::string& why) { throw Refusal{why, ""}; }

  // --- bytes ---

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - place_) refuse("the file ends within it");
    const std::string_view part(reinterpret_cast<const char*>(bytes_.data()) + place_, count);
    place_ += part.size();
    return part;
  }

  /// The next `size` bytes as an unsigned little-endian integer.
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view part = take(size);
    std::memcpy(&value, part.data(), size);
    return value;
  }

  std::string_view line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + place_,
                                std::min(bytes_.size() - place_, kMaxName));
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) refuse("a name does not end");
    place_ += end + 1;
    return rest.substr(0, end);
  }

  /// LONG1: two's complement of any length; what counts in weights fits into 64 bits.
  std::int64_t long1() {
    const std::size_t size = number(1);
    if (size > 8) refuse("an integer of more than 64 bits");
    std::uint64_t value = number(size);
    const unsigned unused = static_cast<unsigned>(64 - 8 * size);
    if (size > 0) value <<= unused;
    return size > 0 ? static_cast<std::int64_t>(value) >> unused : 0;
  }

  // --- stack ---

  void push(Value& value) {
    if (stack_.size() >= kMaxStack) refuse("more than " + std::to_string(kMaxStack) + " values on the stack");
    stack_.push_back(&value);
  }

  /// Values above the last mark, or all of them.
  std::size_t height() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }

  Value& top() {
    if (height() == 0) refuse("the stack is empty");
    return *stack_.back();
  }

  Value& pop() {
    Value& value = top();
    stack_.pop_back();
    return value;
  }

  std::vector<Value*> pop_to_mark() {
    if (marks_.empty()) refuse("there is no mark");
    const auto first = stack_.begin() + marks_.back();
    std::vector<Value*> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }

  std::vector<Value*> pop_count(std::size_t count) {
    if (height() < count) refuse("the stack is too short");
    std::vector<Value*> items(stack_.end() - count, stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  void push_integer(std::int64_t value, Kind kind = Kind::integer) {
    Value& v = pool_->make(kind);
    v.integer = value;
    push(v);
  }

  void push_text(Kind kind, std::string_view text) {
    Value& v = pool_->make(kind);
    v.text = text;
    push(v);
  }

  void push_tuple(std::vector<Value*> items) {
    pool_->charge(items.size());
    Value& v = pool_->make(Kind::tuple);
    v.items = std::move(items);
    push(v);
  }

  /// Adds `items` to the list or dict on top of the stack; never to anything else,
  /// whatever torch.load once did.
  void extend(Kind kind, const std::vector<Value*>& items) {
    Value& container = top();
    if (container.kind != kind)
      refuse("on a " + std::string(name_of(container.kind)) + " instead of a " + std::string(name_of(kind)));
    if (kind == Kind::dict && items.size() % 2 != 0) refuse("a key without a value");
    pool_->charge(items.size());
    container.items.insert(container.items.end(), items.begin(), items.end());
  }

  void mark() {
    if (marks_.size() >= kMaxStack) refuse("more than " + std::to_string(kMaxStack) + " marks");
    marks_.push_back(stack_.size());
  }

  void remember(std::uint64_t index) {
    Value& value = top();
    if (index >= kMaxMemo) refuse("more than " + std::to_string(kMaxMemo) + " memo entries");
    if (index >= memo_.size()) memo_.resize(index + 1);
    memo_[index] = &value;
  }

  void recall(std::uint64_t index) {
    if (index >= memo_.size() || memo_[index] == nullptr)
      refuse("memo entry " + std::to_string(index) + " does not exist");
    push(*memo_[index]);
  }

  void push_name(std::string_view module, std::string_view name) {
    const AllowedName& allowed = allowed_name(module, name);
    Value& v = pool_->make(Kind::name);
    v.callable = allowed.callable;
    v.dtype = allowed.dtype;
    push(v);
  }

  // --- opcodes ---

  /// Executes one opcode; false at the end of the pickle.
  bool step() {
    opcode_place_ = place_;
    opcode_ = 0;
    opcode_ = static_cast<unsigned char>(take(1)[0]);
    if (opcode_ == op::STOP) return false;
    if (!scalar() && !container() && !machinery()) refuse("not an allowed opcode");
    return true;
  }

  bool scalar() {
    switch (opcode_) {
      case op::NONE: push(pool_->make(Kind::none)); return true;
      case op::NEWTRUE: push_integer(1, Kind::boolean); return true;
      case op::NEWFALSE: push_integer(0, Kind::boolean); return true;
      case op::BININT: push_integer(static_cast<std::int32_t>(number(4))); return true;
      case op::BININT1: push_integer((number(1))); return true;
      case op::BININT2: push_integer((number(2))); return true;
      case op::LONG1: push_integer(long1()); return true;
      case op::BINFLOAT: take(8), push(pool_->make(Kind::real)); return true;
      case op::BINUNICODE:
      case op::BINSTRING: push_text(Kind::text, take(number(4))); return true;
      case op::SHORT_BINUNICODE:
      case op::SHORT_BINSTRING: push_text(Kind::text, take(number(1))); return true;
      case op::BINUNICODE8: push_text(Kind::text, take(number(8))); return true;
      case op::SHORT_BINBYTES: push_text(Kind::bytes, take(number(1))); return true;
      case op::BINBYTES: push_text(Kind::bytes, take(number(4))); return true;
      case op::BINBYTES8:
      case op::BYTEARRAY8: push_text(Kind::bytes, take(number(8))); return true;
      default: return false;
    }
  }

  bool container() {
    switch (opcode_) {
      case op::MARK: mark(); return true;
      case op::EMPTY_LIST: push(pool_->make(Kind::list)); return true;
      case op::EMPTY_DICT: push(pool_->make(Kind::dict)); return true;
      case op::EMPTY_TUPLE: push_tuple({}); return true;
      case op::TUPLE1: push_tuple(pop_count(1)); return true;
      case op::TUPLE2: push_tuple(pop_count(2)); return true;
      case op::TUPLE3: push_tuple(pop_count(3)); return true;
      case op::TUPLE: push_tuple(pop_to_mark()); return true;
      case op::APPEND: extend(Kind::list, pop_count(1)); return true;
      case op::APPENDS: extend(Kind::list, pop_to_mark()); return true;
      case op::SETITEM: extend(Kind::dict, pop_count(2)); return true;
      case op::SETITEMS: extend(Kind::dict, pop_to_mark()); return true;
      default: return false;
    }
  }

  bool machinery() {
    switch (opcode_) {
      case op::PROTO: protocol(); return true;
      case op::FRAME: frame(); return true;
      case op::BINPUT: remember(number(1)); return true;
      case op::LONG_BINPUT: remember(number(4)); return true;
      case op::MEMOIZE: remember(memo_.size()); return true;
      case op::BINGET: recall(number(1)); return true;
      case op::LONG_BINGET: recall(number(4)); return true;
      case op::GLOBAL: {
        const std::string_view module = line();
        push_name(module, line());
        return true;
      }
      case op::STACK_GLOBAL: stack_global(); return true;
      case op::REDUCE: reduce(); return true;
      case op::BUILD: {
        const Value& state = pop();
        build(*pool_, top(), state);
        return true;
      }
      case op::BINPERSID:
        push(storage_of(*pool_, pop(), options_.persistent_items));
        storages_.push_back(stack_.back());
        return true;
      default: return false;
    }
  }

  void protocol() {
    const std::uint64_t version = number(1);
    if (version < 2 || version > 5)
      refuse("pickle protocol " + std::to_string(version) + " is not supported");
  }

  /// A hint for readers that load in blocks; for us only a promise to check.
  void frame() {
    if (number(8) > bytes_.size() - place_) refuse("the file ends within it");
  }

  void stack_global() {
    const Value& name = pop();
    const Value& module = pop();
    if (name.kind != Kind::text || module.kind != Kind::text) refuse("a name that is not a text");
    push_name(module.text, name.text);
  }

  void reduce() {
    const Value& arguments = pop();
    const Value& name = pop();
    if (name.kind != Kind::name || arguments.kind != Kind::tuple)
      refuse("a call of a " + std::string(name_of(name.kind)) + " with a " +
             std::string(name_of(arguments.kind)));
    push(call(*pool_, name, arguments.items));
  }

  std::span<const std::byte> bytes_;
  std::size_t place_, opcode_place_ = 0;
  unsigned char opcode_ = 0;
  const UnpickleOptions& options_;
  std::unique_ptr<ValuePool> pool_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  // By index, which Python counts up from 0; some old picklers left gaps. (A hash table would let a file
  // choose indices that collide.)
  std::vector<Value*> memo_;
  std::vector<const Value*> storages_;
};

}  // namespace

Unpickled unpickle(std::span<const std::byte> bytes, const UnpickleOptions& options) {
  require(options.begin <= bytes.size(), "unpickle: begin is outside the bytes");
  return Machine(bytes, options).run();
}

}  // namespace plainsight::convert
