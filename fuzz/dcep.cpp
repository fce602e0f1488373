#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "media/sctp/dcep.hpp"

/// Whatever opens a channel is written as it was read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vis::media::sctp;
  const vis::Bytes input{data, size};
  const auto message = parse_dcep(input);
  if (!message || !std::holds_alternative<DcepOpen>(*message)) return 0;
  const DcepOpen& open = std::get<DcepOpen>(*message);
  vis::ByteVector again(open.size());
  vis::ByteWriter writer{again};
  open.write(writer);
  VIS_ASSERT(writer.ok() && std::ranges::equal(again, input));
  return 0;
}
