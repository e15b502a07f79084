#include "model/weights/pickle.h"

#include <array>
#include <bit>
#include <unordered_map>

#include "engine/error.h"
#include "model/weights/pickle_opcodes.h"
#include "model/weights/utf8.h"

namespace rc {

using namespace opcode;

namespace {

constexpr size_t kMostValues = 1 << 22;  // a checkpoint with optimizer state has some hundred thousand
constexpr size_t kMostDimensions = 64;
constexpr int kProtocol = 2;  // torch.save's

struct StorageName {
  std::string_view global;
  StoredType type;
};
constexpr std::array kStorages = {
    StorageName{"torch\nFloatStorage", StoredType::f32},
    StorageName{"torch\nDoubleStorage", StoredType::f64},
    StorageName{"torch\nHalfStorage", StoredType::f16},
    StorageName{"torch\nBFloat16Storage", StoredType::bf16},
    StorageName{"torch\nLongStorage", StoredType::i64},
    StorageName{"torch\nIntStorage", StoredType::i32},
    StorageName{"torch\nShortStorage", StoredType::i16},
    StorageName{"torch\nCharStorage", StoredType::i8},
    StorageName{"torch\nByteStorage", StoredType::u8},
    StorageName{"torch\nBoolStorage", StoredType::boolean},
};

}  // namespace

const Pickle::Ref* Pickle::find(Ref dict, std::string_view key) const {
  const std::vector<Ref>& items = values_[dict].items;
  for (size_t i = 0; i + 1 < items.size(); i += 2)
    if (is_text(items[i], key)) return &items[i + 1];
  return nullptr;
}

// The stack machine that fills a Pickle.
class PickleMachine {
 public:
  using Kind = Pickle::Kind;
  using Ref = Pickle::Ref;
  using Items = std::vector<Ref>;

  PickleMachine(Pickle& out, std::string_view bytes, const std::string& name)
      : out_(out), bytes_(bytes), name_(name) {}

  void run() {
    while (step())
      ;
    if (stack_.size() != 1 || !marks_.empty()) broken();
    out_.root_ = stack_[0], out_.size_ = at_;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(Exit::data, "cannot read the pickle of " + name_,
                why + " (byte " + std::to_string(at_) + ")");
  }
  [[noreturn]] void broken() const { refuse("it is damaged"); }

  bool step() {
    const uint8_t opcode = uint8_t(take(1)[0]);
    switch (opcode) {
      case PROTO:
        if (uint8_t(take(1)[0]) > kProtocol) refuse("it is of a protocol above 2");
        break;
      case STOP:
        return false;
      case MARK:
        if (marks_.size() >= kMostValues) refuse("it has too many values");
        marks_.push_back(stack_.size());
        break;
      case NONE:
        push({Kind::none, {}, {}, {}});
        break;
      case NEWTRUE:
      case NEWFALSE:
        push_integer(opcode == NEWTRUE, Kind::boolean);
        break;
      case BININT:
        push_integer(int32_t(number(4)));
        break;
      case BININT1:
        push_integer(int64_t(number(1)));
        break;
      case BININT2:
        push_integer(int64_t(number(2)));
        break;
      case LONG1:
        long_integer(take(number(1)));
        break;
      case BINFLOAT:
        real(take(8));
        break;
      case BINUNICODE:
      case BINSTRING:
        text(take(number(4)));
        break;
      case SHORT_BINSTRING:
        text(take(number(1)));
        break;
      case EMPTY_TUPLE:
        push({Kind::tuple, {}, {}, {}});
        break;
      case EMPTY_LIST:
        push({Kind::list, {}, {}, {}});
        break;
      case EMPTY_DICT:
        push({Kind::dict, {}, {}, {}});
        break;
      case TUPLE1:
      case TUPLE2:
      case TUPLE3:
        push({Kind::tuple, {}, {}, pop(size_t(opcode - TUPLE1 + 1))});
        break;
      case TUPLE:
        push({Kind::tuple, {}, {}, pop_to_mark()});
        break;
      case APPEND:
        extend(pop(1), Kind::list);
        break;
      case APPENDS:
        extend(pop_to_mark(), Kind::list);
        break;
      case SETITEM:
        extend(pop(2), Kind::dict);
        break;
      case SETITEMS:
        extend(pop_to_mark(), Kind::dict);
        break;
      case BINPUT:
        memo_[uint32_t(number(1))] = top();
        break;
      case LONG_BINPUT:
        memo_[uint32_t(number(4))] = top();
        break;
      case BINGET:
        get(uint32_t(number(1)));
        break;
      case LONG_BINGET:
        get(uint32_t(number(4)));
        break;
      case GLOBAL:
        global();
        break;
      case BUILD:  // attributes of an OrderedDict (`_metadata`), or of what is refused
        pop(1);
        if (out_.kind(top()) != Kind::dict && out_.kind(top()) != Kind::refused) broken();
        break;
      case NEWOBJ:
      case REDUCE: {
        const Items call = pop(2);
        reduce(call[0], call[1], opcode == REDUCE);
        break;
      }
      case BINPERSID:
        persistent(pop(1)[0]);
        break;
      default:
        refuse("opcode " + std::to_string(opcode) + " is none that tensors need");
    }
    return true;
  }

  std::string_view take(uint64_t size) {
    if (size > bytes_.size() - at_) refuse("it is cut off");
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  uint64_t number(size_t size) {
    const std::string_view raw = take(size);
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | uint8_t(raw[i]);
    return value;
  }

  void push_ref(Ref r) {
    if (stack_.size() >= kMostValues) refuse("it has too many values");
    stack_.push_back(r);
  }
  void push(Pickle::Value value) {
    if (out_.values_.size() >= kMostValues) refuse("it has too many values");
    out_.values_.push_back(std::move(value));
    push_ref(Ref(out_.values_.size() - 1));
  }
  void push_integer(int64_t value, Kind kind = Kind::integer) { push({kind, {value}, {}, {}}); }
  void push_refused(std::string_view what) { push({Kind::refused, {}, what, {}}); }

  // What lies above the last mark, or below the machine's floor, is out of reach.
  Items pop(size_t count) {
    const size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() - floor < count) broken();
    const Items items(stack_.end() - long(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }
  Items pop_to_mark() {
    if (marks_.empty()) broken();
    Items items = pop(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }
  Ref top() const {
    if (stack_.empty() || (!marks_.empty() && stack_.size() == marks_.back())) broken();
    return stack_.back();
  }
  void get(uint32_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) broken();
    push_ref(found->second);
  }

  void long_integer(std::string_view raw) {
    if (raw.size() > 8) return push_refused("an integer of more than 64 bits");
    uint64_t value = !raw.empty() && int8_t(raw.back()) < 0 ? ~uint64_t(0) : 0;
    for (size_t i = raw.size(); i-- > 0;) value = value << 8 | uint8_t(raw[i]);
    push_integer(int64_t(value));
  }
  void real(std::string_view raw) {  // big-endian
    uint64_t bits = 0;
    for (const char c : raw) bits = bits << 8 | uint8_t(c);
    Pickle::Value value = {Kind::real, {}, {}, {}};
    value.real = std::bit_cast<double>(bits);
    push(std::move(value));
  }
  void text(std::string_view raw) {
    if (!is_utf8(raw)) return push_refused("bytes");  // of Python 2, or a damaged text
    push({Kind::text, {}, raw, {}});
  }
  void global() {  // two lines; both remain one text
    const size_t begin = at_, module_end = bytes_.find('\n', at_);
    const size_t end = module_end == bytes_.npos ? module_end : bytes_.find('\n', module_end + 1);
    if (end == bytes_.npos) refuse("it is cut off");
    at_ = end + 1;
    const std::string_view both = bytes_.substr(begin, end - begin);
    if (!is_utf8(both)) broken();
    push({Kind::global, {}, both, {}});
  }

  void extend(const Items& items, Kind kind) {
    const Ref to = top();
    if (out_.kind(to) == Kind::refused) return;
    if (out_.kind(to) != kind || (kind == Kind::dict && items.size() % 2 != 0)) broken();
    Items& held = out_.values_[to].items;
    held.insert(held.end(), items.begin(), items.end());
  }

  // Calls nothing: the few known globals describe data, all others are refused.
  void reduce(Ref function, Ref arguments, bool known) {
    const std::string_view what = out_.text(function);
    if (out_.kind(function) == Kind::refused) return push_refused(what);
    if (out_.kind(function) != Kind::global || out_.kind(arguments) != Kind::tuple) broken();
    const Items& a = out_.items(arguments);
    if (known && what == "collections\nOrderedDict") return ordered_dict(a);
    if (known && what == "torch._utils\n_rebuild_tensor_v2" && a.size() >= 6) return tensor(a);
    if (known && what == "torch._utils\n_rebuild_tensor" && a.size() == 4) return tensor(a);
    if (known && what == "torch._utils\n_rebuild_parameter" && a.size() == 3) return push_ref(a[0]);
    if (known && what == "torch\nSize" && a.size() == 1) return push_ref(a[0]);
    push_refused(what);
  }

  // () or, by Python 2, ([[key, value], ...],).
  void ordered_dict(const Items& a) {
    Items items;
    if (a.size() > 1 || (a.size() == 1 && out_.kind(a[0]) != Kind::list)) broken();
    if (a.size() == 1)
      for (const Ref pair : out_.items(a[0])) {
        const Items& two = out_.items(pair);
        if ((out_.kind(pair) != Kind::list && out_.kind(pair) != Kind::tuple) || two.size() != 2) broken();
        count_copies(1);
        items.insert(items.end(), two.begin(), two.end());
      }
    push({Kind::dict, {}, {}, std::move(items)});
  }

  // `copied_` bounds what values of few bytes can make of values that they share.
  void count_copies(size_t count) {
    if ((copied_ += count) > kMostValues) refuse("it has too many values");
  }

  std::vector<int64_t> sizes(Ref r) {
    if (out_.kind(r) != Kind::tuple && out_.kind(r) != Kind::list) broken();
    std::vector<int64_t> sizes;
    if (out_.items(r).size() > kMostDimensions) refuse("a tensor has too many dimensions");
    count_copies(out_.items(r).size());
    for (const Ref item : out_.items(r)) {
      if (out_.kind(item) != Kind::integer || out_.integer(item) < 0) broken();
      sizes.push_back(out_.integer(item));
    }
    return sizes;
  }

  void tensor(const Items& a) {  // storage, offset, size, stride, ...
    if (out_.kind(a[0]) == Kind::refused) return push_refused(out_.text(a[0]));
    if (out_.kind(a[0]) != Kind::storage || out_.kind(a[1]) != Kind::integer || out_.integer(a[1]) < 0)
      broken();
    PickledTensor t = {out_.storages_[size_t(out_.integer(a[0]))], out_.integer(a[1]), sizes(a[2]),
                       sizes(a[3])};
    if (t.shape.size() != t.stride.size()) broken();
    out_.tensors_.push_back(std::move(t));
    push_integer(int64_t(out_.tensors_.size() - 1), Kind::tensor);
  }

  // ('storage', type, key, location, count) and, in files before 1.6, None or (key, begin, count) of a view.
  void persistent(Ref id) {
    if (out_.kind(id) != Kind::tuple) broken();
    const Items& a = out_.items(id);
    if (a.size() >= 2 && out_.is_text(a[0], "module") && out_.kind(a[1]) == Kind::global)
      return push_refused(out_.text(a[1]));
    if (a.size() < 5 || a.size() > 6 || !out_.is_text(a[0], "storage") || out_.kind(a[1]) != Kind::global ||
        out_.kind(a[2]) != Kind::text || out_.kind(a[4]) != Kind::integer || out_.integer(a[4]) < 0)
      broken();
    for (const StorageName& s : kStorages) {
      if (out_.text(a[1]) != s.global) continue;
      PickledStorage storage = {s.type, out_.text(a[2]), out_.integer(a[4])};
      if (a.size() == 6 && out_.kind(a[5]) == Kind::tuple) {
        const Items& view = out_.items(a[5]);
        if (view.size() != 3 || out_.kind(view[1]) != Kind::integer || out_.integer(view[1]) < 0) broken();
        storage.begin = out_.integer(view[1]);
      }
      out_.storages_.push_back(storage);
      return push_integer(int64_t(out_.storages_.size() - 1), Kind::storage);
    }
    if (out_.unknown_storage_.empty()) out_.unknown_storage_ = out_.text(a[1]);
    push_refused(out_.text(a[1]));
  }

  Pickle& out_;
  std::string_view bytes_;
  const std::string& name_;
  size_t at_ = 0;
  Items stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, Ref> memo_;
  size_t copied_ = 0;
};

Pickle::Pickle(std::string_view bytes, const std::string& name) { PickleMachine(*this, bytes, name).run(); }

}  // namespace rc
