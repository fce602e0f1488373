#include "media/ice/candidate.hpp"

#include <string>

#include <gtest/gtest.h>

#include "base/limits/media_ice.hpp"

namespace vis::media::ice {
namespace {

TEST(Candidate, reads_a_host_candidate_as_chromium_writes_it) {
  const auto candidate = Candidate::parse(
      "candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0 "
      "ufrag EsAw network-id 1 network-cost 10");
  ASSERT_TRUE(candidate.has_value());
  EXPECT_EQ(candidate->foundation, "1467250027");
  EXPECT_EQ(candidate->component, 1);
  EXPECT_EQ(candidate->transport, Transport::Udp);
  EXPECT_EQ(candidate->priority, 2122260223U);
  EXPECT_EQ(candidate->address, SocketAddress::parse("192.168.0.196:46243"));
  EXPECT_EQ(candidate->type, CandidateType::Host);
  EXPECT_EQ(candidate->ufrag, "EsAw");
  EXPECT_FALSE(candidate->related.has_value());
  EXPECT_FALSE(candidate->is_mdns());
}

TEST(Candidate, reads_a_name_in_place_of_an_address) {
  const auto candidate =
      Candidate::parse("candidate:3012331 1 UDP 2122252543 6f3e8b3a-2e5b.local 51472 typ host");
  ASSERT_TRUE(candidate.has_value());
  EXPECT_EQ(candidate->hostname, "6f3e8b3a-2e5b.local");
  EXPECT_EQ(candidate->address.port, 51472);
  EXPECT_TRUE(candidate->is_mdns());
  EXPECT_FALSE(Candidate::parse("1 1 udp 1 turn.example.org 9 typ relay")->is_mdns());
}

TEST(Candidate, reads_every_type_and_its_base) {
  const auto type_of = [](std::string_view type) {
    return Candidate::parse("1 1 udp 1 192.0.2.1 9 typ " + std::string(type))->type;
  };
  EXPECT_EQ(type_of("host"), CandidateType::Host);
  EXPECT_EQ(type_of("srflx raddr 10.0.0.1 rport 7"), CandidateType::ServerReflexive);
  EXPECT_EQ(type_of("prflx raddr 10.0.0.1 rport 7"), CandidateType::PeerReflexive);
  EXPECT_EQ(type_of("relay raddr 10.0.0.1 rport 7"), CandidateType::Relay);
  EXPECT_EQ(Candidate::parse("1 1 udp 1 192.0.2.1 9 typ srflx raddr 10.0.0.1 rport 7")->related,
            SocketAddress::parse("10.0.0.1:7"));
}

TEST(Candidate, reads_tcp_candidates_of_each_direction) {
  const auto direction_of = [](std::string_view direction) {
    return Candidate::parse("1 1 TCP 1 192.0.2.1 9 typ host tcptype " + std::string(direction))
        ->tcp_type;
  };
  EXPECT_EQ(direction_of("active"), TcpType::Active);
  EXPECT_EQ(direction_of("passive"), TcpType::Passive);
  EXPECT_EQ(direction_of("so"), TcpType::SimultaneousOpen);
}

TEST(Candidate, reads_back_what_it_writes) {
  for (const std::string_view text :
       {"candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host",
        "candidate:1 1 udp 2130706431 2001:db8::1 7882 typ host",
        "candidate:a+/ 2 udp 0 203.0.113.7 1 typ srflx raddr 10.0.0.1 rport 5",
        "candidate:2 1 tcp 1671430143 192.0.2.1 7881 typ host tcptype passive",
        "candidate:2 1 udp 1 abc.local 7881 typ host ufrag abcd"}) {
    const auto candidate = Candidate::parse(text);
    ASSERT_TRUE(candidate.has_value()) << text;
    EXPECT_EQ(candidate->format(), text);
  }
}

TEST(Candidate, refuses_what_is_malformed) {
  for (const std::string_view text : {"",
                                      "candidate:",
                                      "1",
                                      "1 1 udp 1 192.0.2.1 9",
                                      "1 1 udp 1 192.0.2.1 9 typ",
                                      "* 1 udp 1 192.0.2.1 9 typ host",
                                      "1 0 udp 1 192.0.2.1 9 typ host",
                                      "1 257 udp 1 192.0.2.1 9 typ host",
                                      "1 x udp 1 192.0.2.1 9 typ host",
                                      "1 1 udp 4294967296 192.0.2.1 9 typ host",
                                      "1 1 udp -1 192.0.2.1 9 typ host",
                                      "1 1 udp 1 192.0.2.256 9 typ host",
                                      "1 1 udp 1 [::1] 9 typ host",
                                      "1 1 udp 1 a;b 9 typ host",
                                      "1 1 udp 1 192.0.2.1 65536 typ host",
                                      "1 1 udp 1 192.0.2.1 9 tip host",
                                      "1 1 udp 1 192.0.2.1 9 typ srflx raddr 1.2.3.4 rport x",
                                      "1 1 tcp 1 192.0.2.1 9 typ host",
                                      "1 1 udp 1 192.0.2.1 9 typ host tcptype active",
                                      "1 1 tcp 1 192.0.2.1 9 typ host tcptype sideways",
                                      "1 1 udp 1 192.0.2.1 9 typ host ufrag a;b"}) {
    const auto candidate = Candidate::parse(text);
    ASSERT_FALSE(candidate.has_value()) << text;
    EXPECT_EQ(candidate.error().code, Errc::InvalidArgument) << text;
  }
}

TEST(Candidate, calls_unknown_transports_and_types_unsupported) {
  for (const std::string_view text :
       {"1 1 ssltcp 1 192.0.2.1 9 typ host", "1 1 udp 1 192.0.2.1 9 typ magic"}) {
    EXPECT_EQ(Candidate::parse(text).error().code, Errc::Unsupported) << text;
  }
}

TEST(Candidate, reads_a_line_at_the_limit_and_refuses_one_past_it) {
  std::string text = "1 1 udp 1 192.0.2.1 9 typ host x ";
  text += std::string(limits::kIceCandidateBytes - text.size(), 'y');
  EXPECT_TRUE(Candidate::parse(text).has_value());
  EXPECT_EQ(Candidate::parse(text + "y").error().code, Errc::LimitExceeded);
}

TEST(Candidate, ranks_our_own_by_preference_and_udp_above_tcp) {
  const auto address = *SocketAddress::parse("192.0.2.1:7882");
  const Candidate first = Candidate::host(address, 65535);
  const Candidate second = Candidate::host(address, 65534);
  const Candidate tcp = Candidate::tcp_passive(address);
  EXPECT_EQ(first.priority, 2130706431U);
  EXPECT_GT(first.priority, second.priority);
  EXPECT_GT(second.priority, tcp.priority);
  EXPECT_GT(tcp.priority, candidate_priority(CandidateType::ServerReflexive, 65535));
  EXPECT_TRUE(Candidate::parse(tcp.format()).has_value());
}

TEST(Candidate, gives_one_foundation_to_one_address_and_transport) {
  const auto here = *SocketAddress::parse("192.0.2.1:7882");
  const auto same_ip = *SocketAddress::parse("192.0.2.1:7883");
  const auto there = *SocketAddress::parse("192.0.2.2:7882");
  EXPECT_EQ(Candidate::host(here).foundation, Candidate::host(same_ip).foundation);
  EXPECT_NE(Candidate::host(here).foundation, Candidate::host(there).foundation);
  EXPECT_NE(Candidate::host(here).foundation, Candidate::tcp_passive(here).foundation);
}

}  // namespace
}  // namespace vis::media::ice
