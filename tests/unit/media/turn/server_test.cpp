#include "media/turn/server.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/media/turn/client.hpp"

namespace vis::media::turn {
namespace {

using test::HandmadeClient;

constexpr WallTime kToday = wall_from_unix_ms(1'700'000'000'000);

SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }

class TurnServer : public testing::Test {
 protected:
  static HandmadeClient client_of(Server& server, const CredentialAuthority& authority,
                                  std::string_view who = "PA_1",
                                  std::string_view from = "198.51.100.7:5000") {
    return {server, address(from), authority.issue(who, kToday + 1h)};
  }
  HandmadeClient client(std::string_view who = "PA_1",
                        std::string_view from = "198.51.100.7:5000") {
    HandmadeClient made = client_of(server_, authority_, who, from);
    EXPECT_TRUE(made.meet());
    return made;
  }
  HandmadeClient allocated(std::string_view who = "PA_1",
                           std::string_view from = "198.51.100.7:5000") {
    HandmadeClient made = client(who, from);
    EXPECT_EQ(made.allocate()->message_class, stun::Class::SuccessResponse);
    return made;
  }
  std::uint64_t refused(Refusal why) const {
    return server_.counters().refused[std::to_underlying(why)];
  }

  const SocketAddress sfu_ = address("192.0.2.1:7882");
  const SocketAddress sfu_v6_ = address("[2001:db8::1]:7882");
  const SocketAddress foreign_ = address("203.0.113.9:53");
  const ByteVector data_{1, 2, 3, 4, 5};
  const Secret secret_{"a secret of the server"};
  const CredentialAuthority authority_{secret_};
  SeededRandom random_{7};
  Server server_{{.realm = "visavis", .secret = secret_, .peers = {sfu_, sfu_v6_}}, random_};
};

// ---- credentials ----

TEST_F(TurnServer, asks_a_stranger_for_a_credential) {
  HandmadeClient stranger = client();
  EXPECT_EQ(stranger.realm, "visavis");
  EXPECT_EQ(refused(Refusal::Unauthenticated), 1U);
}

TEST_F(TurnServer, makes_an_allocation_for_who_shows_a_credential) {
  HandmadeClient ann = client();
  const auto answer = ann.allocate();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->message_class, stun::Class::SuccessResponse);
  EXPECT_TRUE(answer->proven);
  EXPECT_EQ(answer->relayed->ip, sfu_.ip);
  EXPECT_EQ(answer->lifetime_s, 600U);
  EXPECT_EQ(server_.allocations(), 1U);
}

TEST_F(TurnServer, refuses_a_wrong_password) {
  Credential forged = authority_.issue("PA_1", kToday + 1h);
  forged.password = Secret{"guessed"};
  HandmadeClient thief{server_, address("198.51.100.7:5000"), forged};
  ASSERT_TRUE(thief.meet());
  EXPECT_EQ(thief.allocate()->error, kUnauthenticated);
  EXPECT_EQ(server_.allocations(), 0U);
}

TEST_F(TurnServer, refuses_a_name_whose_expiry_was_changed) {
  Credential stretched = authority_.issue("PA_1", kToday - 1s);
  stretched.username = std::to_string(unix_s(kToday + 1h)) + ":PA_1";
  HandmadeClient thief{server_, address("198.51.100.7:5000"), stretched};
  ASSERT_TRUE(thief.meet());
  EXPECT_EQ(thief.allocate()->error, kUnauthenticated);
}

TEST_F(TurnServer, refuses_names_that_are_not_of_its_own_form) {
  for (const char* const name : {"", "ann", "1700003600", ":ann", "-5:ann", "0:ann", "1e9:ann",
                                 "99999999999999999999999:ann"}) {
    HandmadeClient stranger{server_, address("198.51.100.7:5000"), {name, Secret{"x"}}};
    ASSERT_TRUE(stranger.meet());
    EXPECT_EQ(stranger.allocate()->error, kUnauthenticated) << name;
  }
}

TEST_F(TurnServer, refuses_an_expired_credential_from_its_last_second_on) {
  HandmadeClient late{server_, address("198.51.100.7:5000"),
                      authority_.issue("PA_1", kToday + 10s)};
  ASSERT_TRUE(late.meet());
  late.now.wall = kToday + 10s;
  EXPECT_EQ(late.allocate()->error, kUnauthenticated);
  EXPECT_EQ(refused(Refusal::ExpiredCredential), 1U);
  late.now.wall = kToday + 9s;
  EXPECT_EQ(late.allocate()->message_class, stun::Class::SuccessResponse);
}

TEST_F(TurnServer, lets_an_allocation_outlive_its_credential) {
  HandmadeClient ann = allocated();
  ann.now.wall += 48h;
  EXPECT_EQ(ann.ask(stun::Method::Refresh)->message_class, stun::Class::SuccessResponse);
  EXPECT_EQ(ann.permit({sfu_})->message_class, stun::Class::SuccessResponse);
}

TEST_F(TurnServer, asks_again_when_the_nonce_is_old_or_of_another_client) {
  HandmadeClient ann = client();
  HandmadeClient bob = client("PA_2", "198.51.100.8:5000");
  bob.nonce = ann.nonce;
  EXPECT_EQ(bob.allocate()->error, kStaleNonce);
  ann.now.monotonic += NonceAuthority::kLifetime;
  EXPECT_EQ(ann.allocate()->error, kStaleNonce);
  ann.now.monotonic -= 1s;
  EXPECT_EQ(ann.allocate()->message_class, stun::Class::SuccessResponse);
}

TEST_F(TurnServer, refuses_another_credential_for_an_allocation_that_is_there) {
  const HandmadeClient ann = allocated();
  HandmadeClient bob = client("PA_2");
  EXPECT_EQ(bob.ask(stun::Method::Refresh)->error, kWrongCredentials);
}

TEST_F(TurnServer, answers_a_binding_request_of_anybody) {
  std::array<std::uint8_t, 100> buffer{};
  stun::MessageBuilder builder{buffer, stun::Class::Request, {}};
  const ClientId stranger{.carrier = Carrier::Udp, .local = 0, .address = foreign_};
  const auto out = server_.on_message({TimePoint{1s}, kToday}, stranger, builder.finish());
  ASSERT_TRUE(out.to_client.has_value());
  EXPECT_EQ(stun::Message::parse(out.to_client->message)->xor_mapped_address, foreign_);
}

// ---- allocations ----

TEST_F(TurnServer, answers_a_repeated_request_as_before_and_refuses_a_second_allocation) {
  HandmadeClient ann = allocated();
  const SocketAddress relayed = ann.relayed;
  ann.repeat_id = true;
  EXPECT_EQ(ann.allocate()->relayed, relayed);
  ann.repeat_id = false;
  EXPECT_EQ(ann.allocate()->error, kAllocationMismatch);
  EXPECT_EQ(server_.allocations(), 1U);
}

TEST_F(TurnServer, relays_udp_alone) {
  HandmadeClient ann = client();
  EXPECT_EQ(ann.ask(stun::Method::Allocate)->error, kBadRequest);
  const auto tcp = ann.ask(stun::Method::Allocate, [](stun::MessageBuilder& builder) {
    HandmadeClient::add_u32(builder, attribute::kRequestedTransport, 6U << 24);
  });
  EXPECT_EQ(tcp->error, kUnsupportedTransport);
}

TEST_F(TurnServer, gives_a_relayed_address_of_the_family_that_is_asked_for) {
  HandmadeClient ann = client();
  const auto answer = ann.allocate([](stun::MessageBuilder& builder) {
    HandmadeClient::add_u32(builder, attribute::kRequestedAddressFamily,
                            std::uint32_t{stun::attribute::kFamilyV6} << 24);
  });
  EXPECT_EQ(answer->relayed->ip, sfu_v6_.ip);
  HandmadeClient bob = client("PA_2", "198.51.100.8:5000");
  const auto unknown = bob.allocate([](stun::MessageBuilder& builder) {
    HandmadeClient::add_u32(builder, attribute::kRequestedAddressFamily, 9U << 24);
  });
  EXPECT_EQ(unknown->error, kAddressFamilyNotSupported);
}

TEST_F(TurnServer, keeps_lifetimes_within_bounds) {
  for (const auto& [asked, given] :
       {std::pair{1U, 600U}, {1800U, 1800U}, {4'000'000'000U, 3600U}}) {
    HandmadeClient ann = allocated("PA_1", "198.51.100.7:" + std::to_string(asked % 60000 + 1));
    const auto answer = ann.ask(stun::Method::Refresh, [&](stun::MessageBuilder& builder) {
      HandmadeClient::add_u32(builder, attribute::kLifetime, asked);
    });
    EXPECT_EQ(answer->lifetime_s, given);
  }
}

TEST_F(TurnServer, ends_an_allocation_that_is_not_refreshed) {
  HandmadeClient ann = allocated();
  ASSERT_TRUE(server_.next_deadline().has_value());
  server_.on_deadline(ann.now.monotonic + 599s);
  EXPECT_EQ(server_.allocations(), 1U);
  server_.on_deadline(ann.now.monotonic + 605s);
  EXPECT_EQ(server_.allocations(), 0U);
  EXPECT_FALSE(server_.next_deadline().has_value());
}

TEST_F(TurnServer, ends_an_allocation_at_the_clients_wish_or_with_its_connection) {
  HandmadeClient ann = allocated();
  const auto answer = ann.ask(stun::Method::Refresh, [](stun::MessageBuilder& builder) {
    HandmadeClient::add_u32(builder, attribute::kLifetime, 0);
  });
  EXPECT_EQ(answer->lifetime_s, 0U);
  EXPECT_EQ(server_.allocations(), 0U);
  const HandmadeClient bob = allocated("PA_2", "198.51.100.8:5000");
  server_.on_disconnect(bob.id);
  EXPECT_EQ(server_.allocations(), 0U);
}

TEST_F(TurnServer, gives_one_credential_so_many_allocations_and_no_more) {
  std::vector<HandmadeClient> clients;
  for (std::size_t i = 0; i < limits::kTurnAllocationsPerCredential; ++i) {
    clients.push_back(allocated("PA_1", "198.51.100.7:" + std::to_string(5000 + i)));
  }
  HandmadeClient one_more = client("PA_1", "198.51.100.7:9000");
  EXPECT_EQ(one_more.allocate()->error, kAllocationQuotaReached);
  EXPECT_EQ(refused(Refusal::Quota), 1U);
  server_.on_disconnect(clients.front().id);
  EXPECT_EQ(one_more.allocate()->message_class, stun::Class::SuccessResponse);
}

TEST_F(TurnServer, makes_so_many_allocations_in_all_and_no_more) {
  std::optional<HandmadeClient> last;
  for (std::size_t i = 0; i <= limits::kTurnAllocations; ++i) {
    const IpAddress ip =
        IpAddress::v4({10, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
    last.emplace(server_, SocketAddress{.ip = ip, .port = 5000},
                 authority_.issue("PA_" + std::to_string(i), kToday + 1h));
    ASSERT_TRUE(last->meet());
    const auto answer = last->allocate();
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->error, i < limits::kTurnAllocations ? 0 : kInsufficientCapacity) << i;
  }
  EXPECT_EQ(server_.allocations(), limits::kTurnAllocations);
}

// ---- permissions and channels ----

TEST_F(TurnServer, permits_our_own_addresses_and_refuses_all_others) {
  HandmadeClient ann = allocated();
  EXPECT_EQ(ann.permit({sfu_, sfu_v6_})->message_class, stun::Class::SuccessResponse);
  EXPECT_EQ(ann.permit({foreign_})->error, kForbidden);
  EXPECT_EQ(ann.permit({sfu_, foreign_})->error, kForbidden);
  EXPECT_EQ(ann.bind(0x4000, foreign_)->error, kForbidden);
  for (const char* const inside :
       {"127.0.0.1:22", "10.0.0.1:80", "169.254.169.254:80", "[::1]:7882", "0.0.0.0:7882"}) {
    EXPECT_EQ(ann.permit({address(inside)})->error, kForbidden) << inside;
  }
  EXPECT_EQ(refused(Refusal::ForeignPeer), 8U);
}

TEST_F(TurnServer, refuses_other_ports_of_our_own_addresses) {
  HandmadeClient ann = allocated();
  const SocketAddress ssh{.ip = sfu_.ip, .port = 22};
  ASSERT_EQ(ann.permit({ssh})->error, 0);  // Permissions have no port.
  EXPECT_EQ(ann.bind(0x4000, ssh)->error, kForbidden);
  EXPECT_FALSE(ann.send(ssh, data_).to_peer.has_value());
  EXPECT_EQ(refused(Refusal::ForeignPeer), 2U);
}

TEST_F(TurnServer, relays_indications_both_ways_once_permitted) {
  HandmadeClient ann = allocated();
  EXPECT_FALSE(ann.send(sfu_, data_).to_peer.has_value());
  EXPECT_FALSE(server_.on_peer_data(ann.now.monotonic, 0, ann.relayed, data_).has_value());
  ASSERT_EQ(ann.permit({sfu_})->error, 0);
  const auto out = ann.send(sfu_, data_);
  ASSERT_TRUE(out.to_peer.has_value());
  EXPECT_EQ(out.to_peer->peer, 0U);
  EXPECT_EQ(out.to_peer->relayed, ann.relayed);
  EXPECT_TRUE(std::ranges::equal(out.to_peer->data, data_));
  const auto back = server_.on_peer_data(ann.now.monotonic, 0, ann.relayed, data_);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->client, ann.id);
  const auto message = Message::parse(back->message);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->stun.method, stun::Method::Data);
  EXPECT_EQ(message->peers().front(), sfu_);
  EXPECT_TRUE(std::ranges::equal(*message->data, data_));
}

TEST_F(TurnServer, relays_channels_both_ways_and_pads_them_on_streams) {
  HandmadeClient ann = allocated();
  EXPECT_FALSE(ann.send_on(0x4000, data_).to_peer.has_value());
  ASSERT_EQ(ann.bind(0x4000, sfu_v6_)->error, 0);
  const auto out = ann.send_on(0x4000, data_);
  ASSERT_TRUE(out.to_peer.has_value());
  EXPECT_EQ(out.to_peer->peer, 1U);
  const auto back = server_.on_peer_data(ann.now.monotonic, 1, ann.relayed, data_);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->message.size(), ChannelData::kHeaderBytes + data_.size());
  EXPECT_EQ(ChannelData::parse(back->message)->number, 0x4000);

  HandmadeClient bob = client_of(server_, authority_, "PA_2", "198.51.100.8:5000");
  bob.id.carrier = Carrier::Tcp;
  ASSERT_TRUE(bob.meet());
  ASSERT_EQ(bob.allocate()->error, 0);
  ASSERT_EQ(bob.bind(0x4000, sfu_)->error, 0);
  const auto padded = server_.on_peer_data(bob.now.monotonic, 0, bob.relayed, data_);
  EXPECT_EQ(padded->message.size() % 4, 0U);
  EXPECT_EQ(message_size(padded->message), padded->message.size());
}

TEST_F(TurnServer, refuses_channels_that_contradict_each_other) {
  HandmadeClient ann = allocated();
  ASSERT_EQ(ann.bind(0x4000, sfu_)->error, 0);
  EXPECT_EQ(ann.bind(0x4000, sfu_)->error, 0);
  EXPECT_EQ(ann.bind(0x4000, sfu_v6_)->error, kBadRequest);
  EXPECT_EQ(ann.bind(0x4001, sfu_)->error, kBadRequest);
  EXPECT_EQ(ann.bind(0x3FFF, sfu_v6_)->error, kBadRequest);
  EXPECT_EQ(ann.bind(0x5000, sfu_v6_)->error, kBadRequest);
}

TEST_F(TurnServer, forgets_permissions_and_channels_that_are_not_renewed) {
  HandmadeClient ann = allocated();
  ASSERT_EQ(ann.bind(0x4000, sfu_)->error, 0);
  ann.now.monotonic += Allocation::kPermissionLifetime;
  EXPECT_FALSE(ann.send_on(0x4000, data_).to_peer.has_value());
  EXPECT_FALSE(ann.send(sfu_, data_).to_peer.has_value());
  EXPECT_EQ(refused(Refusal::NotPermitted), 2U);
  ASSERT_EQ(ann.permit({sfu_})->error, 0);
  EXPECT_TRUE(ann.send_on(0x4000, data_).to_peer.has_value());
  ASSERT_EQ(ann.ask(stun::Method::Refresh)->error, 0);
  ann.now.monotonic += Allocation::kChannelLifetime - Allocation::kPermissionLifetime;
  ASSERT_EQ(ann.permit({sfu_})->error, kStaleNonce);
  ASSERT_TRUE(ann.meet());
  ASSERT_EQ(ann.permit({sfu_})->error, 0);
  EXPECT_FALSE(ann.send_on(0x4000, data_).to_peer.has_value());
}

TEST_F(TurnServer, binds_so_many_channels_and_no_more) {
  std::vector<SocketAddress> peers;
  for (std::size_t i = 0; i <= limits::kTurnChannels; ++i) {
    peers.push_back({.ip = sfu_.ip, .port = static_cast<std::uint16_t>(7882 + i)});
  }
  Server server{{.realm = "visavis", .secret = secret_, .peers = peers}, random_};
  HandmadeClient ann = client_of(server, authority_);
  ASSERT_TRUE(ann.meet());
  ASSERT_EQ(ann.allocate()->error, 0);
  for (std::size_t i = 0; i < limits::kTurnChannels; ++i) {
    ASSERT_EQ(ann.bind(static_cast<std::uint16_t>(0x4000 + i), peers[i])->error, 0);
  }
  EXPECT_EQ(ann.bind(0x4800, peers.back())->error, kInsufficientCapacity);
}

TEST_F(TurnServer, has_no_use_for_requests_without_an_allocation) {
  HandmadeClient ann = client();
  EXPECT_EQ(ann.ask(stun::Method::Refresh)->error, kAllocationMismatch);
  EXPECT_EQ(ann.permit({sfu_})->error, kAllocationMismatch);
  EXPECT_EQ(ann.bind(0x4000, sfu_)->error, kAllocationMismatch);
  EXPECT_FALSE(ann.send(sfu_, data_).to_peer.has_value());
  EXPECT_FALSE(ann.send_on(0x4000, data_).to_peer.has_value());
}

TEST_F(TurnServer, names_attributes_that_it_does_not_know) {
  HandmadeClient ann = client();
  const auto answer = ann.allocate(
      [](stun::MessageBuilder& builder) { HandmadeClient::add_u32(builder, 0x7F00, 1); });
  EXPECT_EQ(answer->error, stun::kUnknownAttribute);
}

// ---- floods ----

TEST_F(TurnServer, answers_a_source_without_credentials_so_often_and_no_more) {
  HandmadeClient flood = client_of(server_, authority_);
  std::uint32_t answers = 0;
  for (std::uint32_t i = 0; i < limits::kTurnChallengesPerSecond + 1; ++i) answers += flood.meet();
  EXPECT_EQ(answers, limits::kTurnChallengesPerSecond);
  EXPECT_EQ(refused(Refusal::Flood), 1U);
  // Others are served meanwhile, and the source itself a second later.
  EXPECT_TRUE(client_of(server_, authority_, "PA_2", "198.51.100.8:5000").meet());
  flood.now.monotonic += 1s;
  EXPECT_TRUE(flood.meet());
}

TEST_F(TurnServer, drops_what_is_no_message) {
  const ClientId stranger{.carrier = Carrier::Udp, .local = 0, .address = foreign_};
  for (const ByteVector& bytes :
       {ByteVector{}, ByteVector{0}, ByteVector(20, 0xFF), ByteVector{0x40, 0x00, 0xFF, 0xFF}}) {
    const auto out = server_.on_message({TimePoint{1s}, kToday}, stranger, bytes);
    EXPECT_FALSE(out.to_client || out.to_peer);
  }
  EXPECT_EQ(refused(Refusal::Malformed), 4U);
}

}  // namespace
}  // namespace vis::media::turn
