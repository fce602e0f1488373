#include <gtest/gtest.h>

#include "support/counting_allocator.hpp"
#include "unit/media/srtp/fixture.hpp"

namespace vis::media::srtp {
namespace {

class SrtpAllocations : public SrtpTest {
 protected:
  /// Protects and unprotects `count` RTP and RTCP packets in the same memory.
  void exchange(std::uint16_t first, std::uint16_t count) {
    for (std::uint16_t i = 0; i < count; ++i) {
      store_be(slot_.data() + 2, static_cast<std::uint16_t>(first + i));
      const std::size_t size = ends_.outbound.protect_rtp(
          ends_.sent, {.slot = slot_, .header_size = 12, .payload = payload_});
      ends_.crypto.flush();
      failures_ += !ends_.inbound.unprotect_rtp(ends_.received, Bytes{slot_}.first(size), out_);
      const std::size_t rtcp_size = ends_.outbound.protect_rtcp(rtcp_, out_);
      const MutableBytes rtcp = MutableBytes{out_}.first(rtcp_size);
      failures_ += !ends_.inbound.unprotect_rtcp(received_rtcp_, rtcp, rtcp);
    }
  }

  Ends ends_{profile(), backend()};
  InboundRtcpStream received_rtcp_;
  ByteVector slot_ = PlainRtp{.payload_size = 1200}.bytes();
  ByteVector out_ = ByteVector(slot_.size());
  ByteVector payload_ = ByteVector(1000);
  ByteVector rtcp_ = plain_rtcp(1, 100);
  int failures_ = 0;
};
VIS_SRTP_SUITE(SrtpAllocations);

TEST_P(SrtpAllocations, are_none_per_packet) {
  exchange(0, 2);
  const std::size_t before = test::allocations();
  exchange(2, 1000);
  EXPECT_EQ(test::allocations(), before);
  EXPECT_EQ(failures_, 0);
}

}  // namespace
}  // namespace vis::media::srtp
