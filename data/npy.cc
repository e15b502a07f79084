#include "data/npy.h"

#include <array>
#include <bit>
#include <cmath>

#include "engine/error.h"
#include "engine/file.h"
#include "engine/half.h"
#include "engine/npy_header.h"

namespace rc {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
T raw(const char* bytes, bool swap) {
  std::array<char, sizeof(T)> copy;
  for (size_t i = 0; i < sizeof(T); ++i) copy[i] = bytes[swap ? sizeof(T) - 1 - i : i];
  return std::bit_cast<T>(copy);
}

// One value of `kind` and `size` as double. The caller has checked that such a type exists.
double value_of(char kind, int size, const char* bytes, bool swap) {
  if (kind == 'b') return *bytes != 0;
  if (kind == 'u') return raw<uint8_t>(bytes, false);
  if (kind == 'f') {
    if (size == 2) return half_value(raw<uint16_t>(bytes, swap));
    return size == 4 ? double(raw<float>(bytes, swap)) : raw<double>(bytes, swap);
  }
  if (size == 1) return raw<int8_t>(bytes, false);
  if (size == 2) return raw<int16_t>(bytes, swap);
  if (size == 4) return raw<int32_t>(bytes, swap);
  return double(raw<int64_t>(bytes, swap));
}

// From Fortran's order (first index fastest) to C's.
std::vector<double> to_c_order(const std::vector<double>& in, const std::vector<int64_t>& shape) {
  std::vector<double> out(in.size());
  std::vector<int64_t> index(shape.size());
  for (double& value : out) {
    size_t from = 0;
    for (size_t d = shape.size(); d-- > 0;) from = from * size_t(shape[d]) + size_t(index[d]);
    value = in[from];
    for (size_t d = shape.size(); d-- > 0 && ++index[d] == shape[d];) index[d] = 0;
  }
  return out;
}

}  // namespace

NpyArray decode_npy(std::string_view bytes, const std::string& name, uint64_t value_limit) {
  const auto refuse = [&](const std::string& why, const std::string& hint = {}) {
    throw Error(Exit::data, "cannot read array " + name, why, hint);
  };
  const NpyHeader header = read_npy_header(bytes, name);

  const std::string& type = header.type;
  static constexpr std::string_view kTypes = " f2 f4 f8 u1 i1 i2 i4 i8 b1 ";
  if (type.size() != 3 || std::string_view("<>|=").find(type[0]) == std::string_view::npos ||
      kTypes.find(" " + type.substr(1) + " ") == std::string_view::npos)
    refuse("its type " + type + " is not a plain number", "save it from NumPy with astype('float32')");
  const int size = type[2] - '0';

  uint64_t count = 1;
  for (const int64_t extent : header.shape) {
    if (extent != 0 && count > value_limit / uint64_t(extent))
      refuse("it holds more than the " + std::to_string(value_limit) + " values allowed");
    count *= uint64_t(extent);
  }
  const std::string_view data = bytes.substr(header.data);
  if (data.size() != count * uint64_t(size))
    refuse("its shape needs " + std::to_string(count * uint64_t(size)) + " bytes, it has " +
           std::to_string(data.size()));

  NpyArray array{header.shape, std::vector<double>(count)};
  for (uint64_t i = 0; i < count; ++i)
    array.values[i] = value_of(type[1], size, data.data() + i * uint64_t(size), type[0] == '>');
  if (type.substr(1) == "i8")
    for (const double value : array.values)
      if (std::abs(value) > 0x1p53) refuse("it holds integers beyond 2^53");
  if (header.fortran) array.values = to_c_order(array.values, array.shape);
  return array;
}

NpyArray read_npy(const std::filesystem::path& path) {
  return decode_npy(read_file(path, uint64_t(1) << 30), path.string());
}

std::string encode_npy(std::span<const float> values, std::span<const int64_t> shape) {
  uint64_t count = 1;
  for (const int64_t extent : shape) count *= uint64_t(extent);
  check(count == values.size(), "npy: shape and values differ");
  std::string bytes = npy_header("<f4", shape);
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

}  // namespace rc
