#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/limits/media_sdp.hpp"
#include "media/sdp/session_description.hpp"

/// Whatever is read can be written and read again, and from then on stays the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vis::media::sdp::SessionDescription;
  const auto first = SessionDescription::parse(vis::as_text({data, size}));
  if (!first) return 0;
  const std::string written = first->to_text();
  if (written.size() > vis::limits::kSdpBytes) return 0;
  const auto second = SessionDescription::parse(written);
  if (!second) {
    VIS_ASSERT(second.error().code == vis::Errc::LimitExceeded);
    return 0;
  }
  const std::string again = second->to_text();
  const auto third = SessionDescription::parse(again);
  VIS_ASSERT(third && third->to_text() == again);
  return 0;
}
