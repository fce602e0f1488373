// Any text: parsing never fails badly, and what parses reads back as itself once written.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "media/ice/candidate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vis::media::ice::Candidate;
  const auto candidate = Candidate::parse(vis::as_text({data, size}));
  if (!candidate) return 0;
  const auto again = Candidate::parse(candidate->format());
  VIS_ASSERT(again.has_value());
  VIS_ASSERT(*again == *candidate);
  return 0;
}
