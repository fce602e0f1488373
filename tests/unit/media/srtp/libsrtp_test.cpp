#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include <cstring>
#include <vector>

#include "unit/media/srtp/fixture.hpp"

namespace vis::media::srtp {
namespace {

/// The other implementation: one libsrtp session, for one direction.
class Libsrtp final {
 public:
  enum class Role { Sender, Receiver };

  Libsrtp(Profile profile, const MasterKey& master, Role role) {
    static const srtp_err_status_t ready = srtp_init();
    EXPECT_EQ(ready, srtp_err_status_ok);
    std::array<std::uint8_t, kKeyBytes + kSaltBytes> key{};
    std::ranges::copy(master.key, key.begin());
    std::ranges::copy(master.salt, key.begin() + kKeyBytes);
    srtp_policy_t policy{};
    if (profile == Profile::AeadAes128Gcm) {
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    policy.key = key.data();
    policy.ssrc.type = role == Role::Sender ? ssrc_any_outbound : ssrc_any_inbound;
    policy.window_size = 1024;
    EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
  }
  Libsrtp(const Libsrtp&) = delete;
  Libsrtp& operator=(const Libsrtp&) = delete;
  ~Libsrtp() { srtp_dealloc(session_); }

  ByteVector protect(const ByteVector& packet) { return run(srtp_protect, packet); }
  ByteVector unprotect(const ByteVector& packet) { return run(srtp_unprotect, packet); }
  ByteVector protect_rtcp(const ByteVector& packet) { return run(srtp_protect_rtcp, packet); }
  ByteVector unprotect_rtcp(const ByteVector& packet) { return run(srtp_unprotect_rtcp, packet); }

 private:
  /// An empty result means that libsrtp refused.
  ByteVector run(srtp_err_status_t (*function)(srtp_t, void*, int*), ByteVector packet) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    if (function(session_, packet.data(), &size) != srtp_err_status_ok) return {};
    packet.resize(static_cast<std::size_t>(size));
    return packet;
  }

  srtp_t session_ = nullptr;
};

using Role = Libsrtp::Role;

class LibsrtpInterop : public SrtpTest {
 protected:
  MasterKey master_ = test_master_key(profile());
  Ends ends_{profile(), backend()};
  Libsrtp sender_{profile(), master_, Role::Sender};
  Libsrtp receiver_{profile(), master_, Role::Receiver};
};
VIS_SRTP_SUITE(LibsrtpInterop);

std::vector<PlainRtp> assorted_packets() {
  std::vector<PlainRtp> packets;
  std::uint16_t sequence = 100;
  for (const std::size_t payload_size :
       {0U, 1U, 15U, 16U, 17U, 63U, 64U, 65U, 120U, 255U, 256U, 1000U, 1188U}) {
    for (const std::size_t csrcs : {0U, 1U, 15U}) {
      for (const std::size_t extension_words : {0U, 1U, 6U}) {
        packets.push_back({.sequence = sequence++,
                           .csrcs = csrcs,
                           .extension_words = extension_words,
                           .payload_size = payload_size});
      }
    }
  }
  return packets;
}

TEST_P(LibsrtpInterop, it_reads_what_we_protect) {
  for (const PlainRtp& rtp : assorted_packets()) {
    const ByteVector packet = protect(ends_.crypto, ends_.outbound, ends_.sent, rtp);
    EXPECT_EQ(receiver_.unprotect(packet), rtp.bytes()) << rtp.sequence;
  }
}

TEST_P(LibsrtpInterop, we_read_what_it_protects) {
  for (const PlainRtp& rtp : assorted_packets()) {
    const ByteVector packet = sender_.protect(rtp.bytes());
    EXPECT_EQ(unprotect(ends_.inbound, ends_.received, packet), rtp.bytes()) << rtp.sequence;
  }
}

TEST_P(LibsrtpInterop, both_protect_to_the_same_bytes) {
  for (const PlainRtp& rtp : assorted_packets()) {
    EXPECT_EQ(protect(ends_.crypto, ends_.outbound, ends_.sent, rtp), sender_.protect(rtp.bytes()));
  }
}

TEST_P(LibsrtpInterop, the_roll_over_counter_is_followed_in_both_directions) {
  // Two wraps, in steps that a receiver may take for losses.
  for (std::uint64_t index = 65'000; index < 3 * 65'536; index += 12'345) {
    const PlainRtp rtp{.sequence = static_cast<std::uint16_t>(index),
                       .roc = static_cast<std::uint32_t>(index >> 16)};
    const ByteVector packet = protect(ends_.crypto, ends_.outbound, ends_.sent, rtp);
    EXPECT_EQ(receiver_.unprotect(packet), rtp.bytes()) << index;
    EXPECT_EQ(unprotect(ends_.inbound, ends_.received, sender_.protect(rtp.bytes())), rtp.bytes())
        << index;
  }
}

TEST_P(LibsrtpInterop, packets_reordered_across_the_roll_over_are_read) {
  const auto at = [&](std::uint16_t sequence) {
    return sender_.protect(PlainRtp{.sequence = sequence}.bytes());
  };
  const ByteVector before = at(65'534);
  const ByteVector late = at(65'535);
  const ByteVector after = at(0);
  EXPECT_TRUE(unprotect(ends_.inbound, ends_.received, before));
  EXPECT_TRUE(unprotect(ends_.inbound, ends_.received, after));
  EXPECT_TRUE(unprotect(ends_.inbound, ends_.received, late));
}

TEST_P(LibsrtpInterop, streams_are_told_apart_by_their_ssrc) {
  for (std::uint32_t ssrc : {1U, 0x80000000U, 0xFFFFFFFFU}) {
    OutboundStream sent;
    InboundStream received;
    const PlainRtp rtp{.ssrc = ssrc, .sequence = 9};
    EXPECT_EQ(receiver_.unprotect(protect(ends_.crypto, ends_.outbound, sent, rtp)), rtp.bytes());
    EXPECT_EQ(unprotect(ends_.inbound, received, sender_.protect(rtp.bytes())), rtp.bytes());
  }
}

TEST_P(LibsrtpInterop, rtcp_is_read_in_both_directions) {
  InboundRtcpStream received;
  for (std::size_t more = 0; more < 1200; more += 44) {
    const ByteVector plain = plain_rtcp(0xCAFEF00D, more);
    EXPECT_EQ(receiver_.unprotect_rtcp(protect_rtcp(ends_.outbound, plain)), plain) << more;
    EXPECT_EQ(unprotect_rtcp(ends_.inbound, received, sender_.protect_rtcp(plain)), plain) << more;
  }
}

TEST_P(LibsrtpInterop, it_refuses_what_we_would_refuse) {
  ByteVector packet = protect(ends_.crypto, ends_.outbound, ends_.sent, PlainRtp{});
  packet.back() ^= 1;
  EXPECT_TRUE(receiver_.unprotect(packet).empty());
  EXPECT_FALSE(unprotect(ends_.inbound, ends_.received, packet));
}

TEST(SrtpBackends, protect_to_the_same_bytes) {
  for (const Profile profile : kProfiles) {
    Ends fast{profile, Backend::IpsecMb};
    Ends plain{profile, Backend::OpenSsl};
    for (const PlainRtp& rtp : assorted_packets()) {
      EXPECT_EQ(protect(fast.crypto, fast.outbound, fast.sent, rtp),
                protect(plain.crypto, plain.outbound, plain.sent, rtp));
      const ByteVector rtcp = plain_rtcp(7, rtp.payload_size);
      EXPECT_EQ(protect_rtcp(fast.outbound, rtcp), protect_rtcp(plain.outbound, rtcp));
    }
  }
}

}  // namespace
}  // namespace vis::media::srtp
