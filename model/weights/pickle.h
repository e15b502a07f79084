// Python's pickles, as far as PyTorch's files need them. A pickle is a program; this machine runs none of it:
// it knows the opcodes that build plain data and the few globals that describe tensors. Whatever else a
// pickle asks for becomes a `refused` value, which has a name and takes no part.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/weights/stored_tensor.h"

namespace rc {

// What a pickle says of a tensor: a view of a storage, which lies elsewhere in the file.
struct PickledStorage {
  StoredType type;
  std::string_view key;
  int64_t count;      // elements of the whole storage
  int64_t begin = 0;  // of the part that is meant, in elements
};
struct PickledTensor {
  PickledStorage storage;
  int64_t offset = 0;  // elements from `begin`
  std::vector<int64_t> shape, stride;
};

class Pickle {
 public:
  enum class Kind : uint8_t {
    none,
    boolean,
    integer,
    real,
    text,
    tuple,
    list,
    dict,  // items are key, value, key, value
    global,
    storage,
    tensor,
    refused,
  };
  using Ref = uint32_t;  // a value; values share others and may hold themselves

  // Reads one pickle from the beginning of `bytes`, which must outlive this. Throws Error(data) that names
  // `name` for opcodes that it does not know, for broken ones, and for more than a few million values.
  Pickle(std::string_view bytes, const std::string& name);

  Ref root() const { return root_; }
  size_t size() const { return size_; }  // bytes of the pickle

  Kind kind(Ref r) const { return values_[r].kind; }
  const std::vector<Ref>& items(Ref r) const { return values_[r].items; }  // of a tuple, list or dict
  int64_t integer(Ref r) const { return values_[r].integer; }              // of an integer or boolean
  double real(Ref r) const { return values_[r].real; }
  std::string_view text(Ref r) const { return values_[r].text; }
  const PickledTensor& tensor(Ref r) const { return tensors_[size_t(values_[r].integer)]; }
  std::string_view refused(Ref r) const { return values_[r].text; }  // "argparse Namespace"
  const std::vector<PickledStorage>& storages() const { return storages_; }

  bool is_text(Ref r, std::string_view wanted) const { return kind(r) == Kind::text && text(r) == wanted; }
  // The first type of storage that is not known; empty: there is none.
  std::string_view unknown_storage() const { return unknown_storage_; }

  // The value of a text key in a dict; nullptr where there is none.
  const Ref* find(Ref dict, std::string_view key) const;

 private:
  friend class PickleMachine;
  struct Value {
    Kind kind;
    union {
      int64_t integer = 0;  // and the number of a storage or tensor
      double real;
    };
    std::string_view text;  // into the file's bytes
    std::vector<Ref> items;
  };

  std::vector<Value> values_;
  std::vector<PickledStorage> storages_;
  std::vector<PickledTensor> tensors_;
  std::string_view unknown_storage_;
  Ref root_ = 0;
  size_t size_ = 0;
};

}  // namespace rc
