// The body of a PATCH: whatever is read can be written, and means the same then.
#include <cstddef>
#include <cstdint>

#include "api/whip/trickle_fragment.hpp"
#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/limits/api_whip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using vis::api::whip::TrickleFragment;
  const auto first = TrickleFragment::parse(vis::as_text({data, size}));
  if (!first) return 0;
  VIS_ASSERT(first->candidates.size() <= vis::limits::kTrickleCandidates);
  VIS_ASSERT(first->ufrag.empty() == first->pwd.empty());
  const std::string written = first->to_text("0");
  if (written.size() > vis::limits::kTrickleFragmentBytes) return 0;
  const auto second = TrickleFragment::parse(written);
  VIS_ASSERT(second && *second == *first);
  return 0;
}
