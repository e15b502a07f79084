#include "model/weights/zip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "engine/error.h"

namespace rc {
namespace {

constexpr std::string_view kLocal = "PK\x03\x04", kCentral = "PK\x01\x02", kEnd = "PK\x05\x06",
                           kEnd64 = "PK\x06\x06", kLocator64 = "PK\x06\x07";
constexpr size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20;
constexpr size_t kLongestComment = 0xffff;
constexpr uint64_t kInExtra16 = 0xffff, kInExtra32 = 0xffffffff;  // the true number is a ZIP64 one
constexpr uint64_t kMostUnpacked = uint64_t(1) << 32;
constexpr uint64_t kMostPerByte = 1040;  // deflate makes at most 1032 bytes of one

uint32_t checksum_of(std::string_view bytes) {
  uLong crc = ::crc32(0, nullptr, 0);
  constexpr size_t kPiece = 1 << 30;  // zlib counts in 32 bits
  for (size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::string_view piece = bytes.substr(at, kPiece);
    crc = ::crc32(crc, reinterpret_cast<const Bytef*>(piece.data()), uInt(piece.size()));
  }
  return uint32_t(crc);
}

// Writes `size` bytes to `out`; false where `packed` is not the deflated form of so many.
bool inflate_into(std::string_view packed, std::string& out, uint64_t size) {
  if (packed.size() > std::numeric_limits<uInt>::max() || size > std::numeric_limits<uInt>::max())
    return false;
  out.assign(size + 1, '\0');  // one more, so that the end is reached also where nothing is written
  z_stream stream = {};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;  // negative: no header of zlib
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = uInt(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  const bool whole =
      ::inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size && stream.avail_in == 0;
  ::inflateEnd(&stream);
  out.resize(size);
  return whole;
}

void put(std::string& out, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) out += char(value >> (8 * i) & 255);
}

}  // namespace

bool is_zip(std::string_view bytes) { return bytes.starts_with(kLocal) || bytes.starts_with(kEnd); }

void Zip::refuse(const std::string& why) const {
  throw Error(Exit::data, "cannot read archive " + name_, why);
}

std::string_view Zip::slice(uint64_t begin, uint64_t size, const char* what) const {
  if (begin > bytes_.size() || size > bytes_.size() - begin)
    refuse(std::string(what) + " is beyond its end: it is cut off or damaged");
  return bytes_.substr(begin, size);
}

// Little-endian; the caller has seen to it that the bytes are there.
uint64_t Zip::number(std::string_view bytes, size_t at, size_t size) const {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | uint8_t(bytes[at + i]);
  return value;
}

std::pair<std::string_view, uint64_t> Zip::directory() const {
  if (bytes_.size() < kEndSize) refuse("it is too short");
  const size_t last = bytes_.size() - kEndSize, first = last - std::min(last, kLongestComment);
  size_t at = last + 1;
  do {  // from the back: a comment may follow
    if (at-- == first) refuse("it has no directory at its end: it is cut off");
  } while (!bytes_.substr(at).starts_with(kEnd) || number(bytes_, at + 20, 2) != last - at);

  uint64_t entries = number(bytes_, at + 10, 2), size = number(bytes_, at + 12, 4),
           offset = number(bytes_, at + 16, 4);
  if (entries == kInExtra16 || size == kInExtra32 || offset == kInExtra32) {
    if (at < kLocatorSize || !bytes_.substr(at - kLocatorSize).starts_with(kLocator64))
      refuse("its directory's ZIP64 locator is missing");
    const uint64_t end = number(bytes_, at - kLocatorSize + 8, 8);
    const std::string_view record = slice(end, kEnd64Size, "its ZIP64 directory");
    if (!record.starts_with(kEnd64)) refuse("its ZIP64 directory is damaged");
    entries = number(record, 32, 8), size = number(record, 40, 8), offset = number(record, 48, 8);
  }
  return {slice(offset, size, "its directory"), entries};
}

// What lies behind the local header at `local`.
std::string_view Zip::packed_bytes(uint64_t local, uint64_t size) const {
  const std::string_view header = slice(local, kLocalSize, "an entry");
  if (!header.starts_with(kLocal)) refuse("an entry has no header where the directory says");
  const uint64_t begin = local + kLocalSize + number(header, 26, 2) + number(header, 28, 2);
  return slice(begin, size, "an entry");
}

Zip::Zip(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
  auto [rest, count] = directory();
  uint64_t packed_total = 0, total = 0;
  for (; count > 0; --count) {
    if (rest.size() < kCentralSize || !rest.starts_with(kCentral)) refuse("its directory is damaged");
    const uint64_t flags = number(rest, 8, 2), method = number(rest, 10, 2);
    const size_t name_size = number(rest, 28, 2), extra_size = number(rest, 30, 2);
    const size_t whole = kCentralSize + name_size + extra_size + number(rest, 32, 2);
    if (rest.size() < whole) refuse("its directory is damaged");
    const std::string entry(rest.substr(kCentralSize, name_size));
    std::string_view extra = rest.substr(kCentralSize + name_size, extra_size);

    // size, packed size, offset: those that do not fit 32 bits stand in the ZIP64 field, in this order.
    uint64_t values[] = {number(rest, 24, 4), number(rest, 20, 4), number(rest, 42, 4)};
    while (extra.size() >= 4) {
      const size_t field_size = number(extra, 2, 2);
      if (field_size > extra.size() - 4) refuse("its directory is damaged");
      std::string_view field = extra.substr(4, field_size);
      if (number(extra, 0, 2) == 1)
        for (uint64_t& value : values) {
          if (value != kInExtra32) continue;
          if (field.size() < 8) refuse("its ZIP64 sizes are damaged");
          value = number(field, 0, 8);
          field.remove_prefix(8);
        }
      extra.remove_prefix(4 + field_size);
    }
    const auto [size, packed_size, local] = values;
    if (flags & 1) refuse("\"" + entry + "\" is encrypted");
    if (method != 0 && method != 8) refuse("\"" + entry + "\" is packed by method " + std::to_string(method));
    if (method == 0 && size != packed_size) refuse("\"" + entry + "\" has two sizes");
    if (method == 8 && size / kMostPerByte > packed_size)
      refuse("\"" + entry + "\" cannot hold the " + std::to_string(size) + " bytes that it claims");
    const Entry found{packed_bytes(local, packed_size), size, uint32_t(number(rest, 16, 4)), method == 8};
    // What entries share, or make of little, could fill any memory.
    packed_total += packed_size, total += size;
    if (packed_total > bytes_.size() || total > kMostUnpacked)
      refuse("its entries are larger than it allows");
    if (!entries_.emplace(entry, found).second) refuse("it holds \"" + entry + "\" twice");
    rest.remove_prefix(whole);
  }
  if (!rest.empty()) refuse("its directory is damaged");
}

std::vector<std::string> Zip::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

std::string_view Zip::read(const std::string& name, std::string& room) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) refuse("it holds no \"" + name + "\"");
  const Entry& entry = found->second;
  std::string_view bytes = entry.packed;
  if (entry.deflated) {
    if (!inflate_into(entry.packed, room, entry.size)) refuse("\"" + name + "\" is damaged");
    bytes = room;
  }
  if (checksum_of(bytes) != entry.checksum) refuse("\"" + name + "\" is damaged: its checksum is another");
  return bytes;
}

std::string encode_zip(const std::vector<std::pair<std::string, std::string>>& entries) {
  constexpr uint64_t kVersion = 20, kDate = 1 << 5 | 1;  // 1980-01-01
  std::string out, directory;
  for (const auto& [name, bytes] : entries) {
    std::string facts;  // what the local header and the directory share
    put(facts, kVersion, 2), put(facts, 0, 2), put(facts, 0, 2);  // no flags, stored
    put(facts, 0, 2), put(facts, kDate, 2);
    put(facts, checksum_of(bytes), 4), put(facts, bytes.size(), 4), put(facts, bytes.size(), 4);
    put(facts, name.size(), 2), put(facts, 0, 2);  // no extra fields
    directory += kCentral;
    put(directory, kVersion, 2);
    directory += facts;
    put(directory, 0, 4), put(directory, 0, 6);  // no comment, disk 0; no attributes
    put(directory, out.size(), 4);
    directory += name;
    out += kLocal;
    out += facts + name;
    out += bytes;
    if (out.size() + directory.size() + kEndSize > kInExtra32)
      throw Error(Exit::data, "an archive of more than 4 GiB is not written", name,
                  "a .safetensors file has no such limit");
    check(name.size() < kInExtra16, "an entry's name is short", name);
  }
  if (entries.size() >= kInExtra16)
    throw Error(Exit::data, "an archive of more than 65534 entries is not written", "",
                "a .safetensors file has no such limit");
  const size_t offset = out.size();
  out += directory;
  out += kEnd;
  put(out, 0, 4);
  put(out, entries.size(), 2), put(out, entries.size(), 2);
  put(out, directory.size(), 4), put(out, offset, 4), put(out, 0, 2);
  return out;
}

}  // namespace rc
