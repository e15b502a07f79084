#include "model/weights/pytorch.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <set>

#include "engine/error.h"
#include "model/weights/pickle.h"
#include "model/weights/zip.h"

namespace rc {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

// The pickle of 0x1950a86a20f9469cfc6c, which begins files from before 1.6.
constexpr std::string_view kLegacy("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
constexpr int kDeepest = 16;               // dictionaries within dictionaries
constexpr size_t kMostVisits = 1 << 24;    // of values, which others may share
constexpr size_t kLongestText = 1000;      // of names and of what becomes metadata
constexpr uint64_t kLeastRoom = 64 << 20;  // tensors may share storages: together they may be ...
constexpr uint64_t kMostPerByte = 4;       // ... so many times the file, and a little more
constexpr size_t kFirstItems = 256;        // of a dictionary, that say what it is
constexpr const char* kWellKnown[] = {"state_dict", "model", "net"};

// The raw bytes of a storage; throws where there is none or it is too short.
using Storage = std::function<std::string_view(const PickledStorage&)>;

// "argparse Namespace"
std::string global_text(std::string_view two_lines) {
  std::string text(two_lines);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Takes tensors out of the values of a pickle.
class Reader {
 public:
  Reader(const Pickle& pickle, const Storage& storage, const std::string& name, uint64_t file_size)
      : pickle_(pickle), storage_(storage), name_(name), room_(kLeastRoom + kMostPerByte * file_size) {}

  TensorFile read(const WeightsPart& part) {
    if (part.everything) {
      forgiving_ = true;
      walk(pickle_.root(), "", 0);
      return std::move(file_);
    }
    const auto [weights, key] = state_dict(part.state_key);
    if (pickle_.kind(weights) == Kind::refused) refuse_global(weights, key);
    if (!key.empty()) {
      note_beside(key);
      walk_beside(weights);
    }
    walk(weights, "", 0);
    if (file_.tensors.empty())
      throw Error(Exit::data, "no tensor in " + name_, key.empty() ? "" : "under \"" + key + "\"",
                  other_keys());
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::data, "cannot read weights " + name_, what);
  }
  [[noreturn]] void refuse_global(Ref r, const std::string& key) const {
    throw Error(Exit::data,
                name_ + ": refuses to unpickle global \"" + global_text(pickle_.refused(r)) + "\"",
                key.empty() ? "" : "key \"" + key + "\"", other_keys());
  }

  // Keys of the outermost dictionary under which tensors lie.
  std::string other_keys() const {
    if (pickle_.kind(pickle_.root()) != Kind::dict)
      return "save the state dict alone: torch.save(net.state_dict(), ...)";
    std::string keys;
    const std::vector<Ref>& items = pickle_.items(pickle_.root());
    for (size_t i = 0; i + 1 < std::min(items.size(), kFirstItems); i += 2)
      if (pickle_.kind(items[i]) == Kind::text && holds_tensors(items[i + 1]))
        keys += (keys.empty() ? "--state-key " : " or ") +
                std::string(pickle_.text(items[i]).substr(0, kLongestText));
    return keys.empty() ? "save the state dict alone: torch.save(net.state_dict(), ...)"
                        : "tensors lie under " + keys;
  }
  bool holds_tensors(Ref r) const {
    if (pickle_.kind(r) != Kind::dict) return false;
    const std::vector<Ref>& items = pickle_.items(r);
    for (size_t i = 1; i < std::min(items.size(), kFirstItems); i += 2)
      if (pickle_.kind(items[i]) == Kind::tensor) return true;
    return false;
  }

  // The dictionary of weights and its key.
  std::pair<Ref, std::string> state_dict(const std::string& asked) const {
    const Ref root = pickle_.root();
    if (asked.empty()) {
      if (pickle_.kind(root) == Kind::dict && !holds_tensors(root))
        for (const char* key : kWellKnown)
          if (const Ref* found = pickle_.find(root, key); found && pickle_.kind(*found) != Kind::text)
            return {*found, key};
      return {root, ""};
    }
    Ref at = root;
    for (size_t begin = 0; begin <= asked.size();) {
      const size_t dot = std::min(asked.find('.', begin), asked.size());
      const Ref* found = pickle_.kind(at) == Kind::dict
                             ? pickle_.find(at, std::string_view(asked).substr(begin, dot - begin))
                             : nullptr;
      if (!found)
        throw Error(Exit::data, name_ + " has no key \"" + asked + "\"", "--state-key", other_keys());
      at = *found, begin = dot + 1;
    }
    return {at, asked};
  }

  // Other weights of the file are worth a word: an average of them is often the better choice.
  void note_beside(const std::string& key) {
    if (key != "state_dict_ema" && pickle_.find(pickle_.root(), "state_dict_ema"))
      file_.warnings.push_back(name_ + " also holds averaged weights: --state-key state_dict_ema");
  }

  // Numbers and texts of the outermost dictionary are kept, what is refused there is told.
  void walk_beside(Ref weights) {
    const std::vector<Ref>& items = pickle_.items(pickle_.root());
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      if (pickle_.kind(items[i]) != Kind::text || items[i + 1] == weights) continue;
      const std::string key(pickle_.text(items[i]));
      if (key.size() > kLongestText) continue;
      if (pickle_.kind(items[i + 1]) == Kind::refused)
        skip(items[i + 1], key);
      else if (pickle_.kind(items[i + 1]) != Kind::tensor)
        keep_plain(items[i + 1], key);
    }
  }
  void skip(Ref r, const std::string& key) {
    file_.warnings.push_back(name_ + ": refuses to unpickle global \"" + global_text(pickle_.refused(r)) +
                             "\" at key \"" + key + "\"; it is left out");
  }
  void keep_plain(Ref r, const std::string& key) {
    switch (pickle_.kind(r)) {
      case Kind::integer:
        file_.metadata[key] = std::to_string(pickle_.integer(r));
        break;
      case Kind::boolean:
        file_.metadata[key] = pickle_.integer(r) ? "true" : "false";
        break;
      case Kind::real: {
        char digits[32];
        file_.metadata[key] =
            std::string(digits, std::to_chars(digits, std::end(digits), pickle_.real(r)).ptr);
        break;
      }
      case Kind::text:
        if (pickle_.text(r).size() <= kLongestText) file_.metadata[key] = std::string(pickle_.text(r));
        break;
      default:
        break;
    }
  }

  void walk(Ref r, const std::string& name, int depth) {
    const std::vector<Ref>& items = pickle_.items(r);
    visits_ += 1 + items.size();
    if (visits_ > kMostVisits || depth > kDeepest) fail("its values are nested too deeply");
    if (name.size() > kLongestText) fail("a name is longer than " + std::to_string(kLongestText) + " bytes");
    const auto below = [&](std::string_view key) {
      return (name.empty() ? "" : name + ".") + std::string(key.substr(0, kLongestText + 1));
    };
    switch (pickle_.kind(r)) {
      case Kind::tensor:
        add(pickle_.tensor(r), name);
        break;
      case Kind::dict:
        for (size_t i = 0; i + 1 < items.size(); i += 2)
          if (pickle_.kind(items[i]) == Kind::text)
            walk(items[i + 1], below(pickle_.text(items[i])), depth + 1);
          else if (pickle_.kind(items[i]) == Kind::integer)  // an optimizer's parameters
            walk(items[i + 1], below(std::to_string(pickle_.integer(items[i]))), depth + 1);
        break;
      case Kind::list:
      case Kind::tuple:
        for (size_t i = 0; i < items.size(); ++i) walk(items[i], below(std::to_string(i)), depth + 1);
        break;
      case Kind::refused:
        if (!forgiving_) refuse_global(r, name);
        skip(r, name);
        break;
      default:
        if (depth == 1) keep_plain(r, name);
    }
  }

  void add(const PickledTensor& t, const std::string& name) {
    if (name == "__metadata__") fail("a tensor has the name that formats keep for themselves");
    if (!names_.insert(name).second) fail("two tensors are named \"" + name + "\"");
    StoredTensor out{name, t.storage.type, t.shape, {}};
    const std::optional<uint64_t> size = bytes_of(out.type, t.shape);
    if (!size || *size > room_) fail("\"" + name + "\" is larger than its file allows");
    room_ -= *size;
    out.bytes = elements(t, *size, name);
    file_.tensors.push_back(std::move(out));
  }

  // The tensor's elements one after the other, in C order.
  std::string elements(const PickledTensor& t, uint64_t size, const std::string& name) const {
    if (size == 0) return {};
    int64_t first = 0, last = 0;
    bool fits = !__builtin_add_overflow(t.storage.begin, t.offset, &first);
    last = first;
    for (size_t d = 0; d < t.shape.size() && fits; ++d) {
      int64_t reach = 0;
      fits = !__builtin_mul_overflow(t.shape[d] - 1, t.stride[d], &reach) &&
             !__builtin_add_overflow(last, reach, &last);
    }
    const std::string_view storage = storage_(t.storage);
    const size_t width = size_of(t.storage.type);
    if (!fits || last >= t.storage.count || uint64_t(last) >= storage.size() / width)
      fail("\"" + name + "\" lies outside of its storage");

    std::string out;
    out.reserve(size);
    // Innermost dimensions that lie one after the other are copied at once.
    size_t outer = t.shape.size();
    int64_t run = 1;
    while (outer > 0 && (t.shape[outer - 1] == 1 || t.stride[outer - 1] == run)) run *= t.shape[--outer];
    std::vector<int64_t> index(outer);
    int64_t at = first;
    while (true) {
      out.append(storage.substr(size_t(at) * width, size_t(run) * width));
      size_t d = outer;
      while (d > 0) {
        --d;
        if (++index[d] < t.shape[d]) {
          at += t.stride[d];
          break;
        }
        at -= t.stride[d] * (t.shape[d] - 1), index[d] = 0;
        if (d == 0) return out;
      }
      if (outer == 0) return out;
    }
  }

  const Pickle& pickle_;
  const Storage& storage_;
  const std::string& name_;
  uint64_t room_;
  bool forgiving_ = false;  // what is refused is left out, wherever it is
  size_t visits_ = 0;
  std::set<std::string> names_;
  TensorFile file_;
};

// "archive/" of "archive/data.pkl"; nothing where there is none.
std::optional<std::string> top_folder(const Zip& zip) {
  for (const std::string& entry : zip.names()) {
    const size_t slash = entry.find('/');
    if (slash != entry.npos && entry.substr(slash + 1) == "data.pkl") return entry.substr(0, slash + 1);
  }
  return std::nullopt;
}

// The pickles of a file of the old format, one behind the other.
std::string_view rest_after(std::string_view bytes, const Pickle& pickle) {
  return bytes.substr(pickle.size());
}

}  // namespace

bool is_pytorch(const Zip& zip) { return top_folder(zip).has_value(); }
bool is_legacy_pytorch(std::string_view bytes) { return bytes.starts_with(kLegacy); }

TensorFile decode_pytorch(const Zip& zip, const std::string& name, const WeightsPart& part) {
  const auto fail = [&](const std::string& what) {
    throw Error(Exit::data, "cannot read weights " + name, what);
  };
  const std::string top = top_folder(zip).value_or("");
  std::string room, order_room;
  if (zip.contains(top + "byteorder") && zip.read(top + "byteorder", order_room) != "little")
    fail("its numbers are big-endian");
  const Pickle pickle(zip.read(top + "data.pkl", room), name);

  std::map<std::string, std::string> inflated;  // entries that were not stored as they are
  std::map<std::string, std::string_view> read;
  const auto storage = [&](const PickledStorage& s) {
    const std::string entry = top + "data/" + std::string(s.key);
    const auto [at, fresh] = read.emplace(entry, std::string_view());
    if (fresh) {
      if (!zip.contains(entry)) fail("it has no storage \"" + std::string(s.key) + "\"");
      at->second = zip.read(entry, inflated[entry]);
    }
    return at->second;
  };
  return Reader(pickle, storage, name, zip.packed_size()).read(part);
}

TensorFile decode_legacy_pytorch(std::string_view bytes, const std::string& name, const WeightsPart& part) {
  const auto fail = [&](const std::string& what) {
    throw Error(Exit::data, "cannot read weights " + name, what);
  };
  std::string_view rest = bytes.substr(kLegacy.size());
  const Pickle version(rest, name);
  constexpr int64_t kVersion = 1001;
  if (version.kind(version.root()) != Kind::integer || version.integer(version.root()) != kVersion)
    fail("its format is of another version than 1001");
  rest = rest_after(rest, version);
  const Pickle system(rest, name);
  const Ref* little =
      system.kind(system.root()) == Kind::dict ? system.find(system.root(), "little_endian") : nullptr;
  if (!little || system.kind(*little) != Kind::boolean || !system.integer(*little))
    fail("its numbers are not little-endian");
  rest = rest_after(rest, system);
  const Pickle object(rest, name);
  rest = rest_after(rest, object);
  const Pickle keys(rest, name);
  rest = rest_after(rest, keys);
  if (keys.kind(keys.root()) != Kind::list) fail("its list of storages is damaged");

  std::map<std::string_view, StoredType> types;
  for (const PickledStorage& s : object.storages())
    if (const auto [at, fresh] = types.emplace(s.key, s.type); !fresh && at->second != s.type)
      fail("a storage has two types");
  std::map<std::string_view, std::string_view> storages;
  for (const Ref key : keys.items(keys.root())) {
    const auto type = keys.kind(key) == Kind::text ? types.find(keys.text(key)) : types.end();
    if (type == types.end() && !object.unknown_storage().empty())  // of a size that is not known
      throw Error(Exit::data,
                  name + ": refuses to unpickle global \"" + global_text(object.unknown_storage()) + "\"");
    if (type == types.end()) fail("its list of storages is damaged");
    int64_t count = 0;
    if (rest.size() < sizeof count) fail("it is cut off");
    std::memcpy(&count, rest.data(), sizeof count);
    rest.remove_prefix(sizeof count);
    const size_t width = size_of(type->second);
    if (count < 0 || uint64_t(count) > rest.size() / width) fail("it is cut off");
    storages[type->first] = rest.substr(0, size_t(count) * width);
    rest.remove_prefix(size_t(count) * width);
  }
  if (!rest.empty()) fail("bytes follow its last storage");
  const auto storage = [&](const PickledStorage& s) {
    const auto found = storages.find(s.key);
    if (found == storages.end()) fail("it has no storage \"" + std::string(s.key) + "\"");
    return found->second;
  };
  return Reader(object, storage, name, bytes.size()).read(part);
}

}  // namespace rc
