#include "media/dtls/record.hpp"

namespace vis::media::dtls {

std::optional<Record> Record::parse(ByteReader& reader) {
  ByteReader whole = reader;
  const std::uint8_t type = reader.u8();
  const std::uint8_t version_major = reader.u8();
  reader.skip(1);
  Record record;
  record.epoch = reader.u16();
  record.sequence = (std::uint64_t{reader.u16()} << 32) | reader.u32();
  const std::size_t length = reader.u16();
  reader.skip(length);
  const bool known = type >= static_cast<std::uint8_t>(ContentType::ChangeCipherSpec) &&
                     type <= static_cast<std::uint8_t>(ContentType::ApplicationData);
  if (!reader.ok() || !known || version_major != 0xFE) return std::nullopt;
  record.type = static_cast<ContentType>(type);
  record.bytes = whole.take(kRecordHeaderBytes + length);
  return record;
}

}  // namespace vis::media::dtls
