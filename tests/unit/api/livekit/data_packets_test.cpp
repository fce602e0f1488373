#include "api/livekit/data_packets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits/api_livekit.hpp"
#include "unit/api/livekit/door_world.hpp"

namespace vis::api::livekit {
namespace {

using rooms::DataChannel;
using testing::ElementsAre;

class DataPacketsTest : public testing::Test {
 protected:
  DataPacketsTest()
      : ann_(enter(DoorWorld::claims("ann"))),
        bob_(enter(DoorWorld::claims("bob"))),
        carl_(enter(DoorWorld::claims("carl"))) {}

  std::unique_ptr<Client> enter(const Claims& claims) {
    auto client = world_.join(claims);
    world_.connect(*client);
    return client;
  }
  static Claims agent(const std::string& identity) {
    Claims claims = DoorWorld::claims(identity);
    claims.kind = rooms::ParticipantKind::Agent;
    return claims;
  }
  static proto::DataPacket message(std::string payload) {
    proto::DataPacket packet;
    packet.mutable_user()->set_payload(std::move(payload));
    return packet;
  }
  void receive(const Client& from, ByteVector bytes, DataChannel channel = DataChannel::Reliable) {
    world_.forget_data();
    world_.event(from, rooms::DataReceived{.transport = uplink(from),
                                           .channel = channel,
                                           .label = "",
                                           .payload = std::move(bytes)});
  }
  void receive(const Client& from, const proto::DataPacket& packet,
               DataChannel channel = DataChannel::Reliable) {
    receive(from, packet_bytes(packet), channel);
  }
  rooms::TransportId uplink(const Client& client) {
    return world_.transport(client, rooms::TransportRole::Publisher);
  }
  rooms::TransportId downlink(const Client& client) {
    return world_.transport(client, rooms::TransportRole::Subscriber);
  }
  bool was_sent() const { return world_.world.media.count<rooms::SendData>() > 0; }
  rooms::SendData sent() const { return world_.world.media.last<rooms::SendData>().value(); }
  proto::DataPacket packet() const {
    proto::DataPacket packet;
    EXPECT_TRUE(parse_bytes(as_text(sent().payload), packet));
    return packet;
  }

  DoorWorld world_;
  std::unique_ptr<Client> ann_;
  std::unique_ptr<Client> bob_;
  std::unique_ptr<Client> carl_;
};

TEST_F(DataPacketsTest, go_to_all_but_the_sender_and_say_who_that_is) {
  receive(*ann_, message("hi"));
  EXPECT_THAT(sent().to, ElementsAre(downlink(*bob_), downlink(*carl_)));
  EXPECT_EQ(sent().channel, DataChannel::Reliable);
  EXPECT_EQ(packet().participant_identity(), "ann");
  EXPECT_EQ(packet().participant_sid(), ann_->sid().str());
  EXPECT_EQ(packet().user().participant_identity(), "ann");
  EXPECT_EQ(packet().user().participant_sid(), ann_->sid().str());
  EXPECT_EQ(packet().user().payload(), "hi");
}

TEST_F(DataPacketsTest, do_not_let_anybody_pretend_to_be_somebody_else) {
  proto::DataPacket forged = message("hi");
  forged.set_participant_identity("carl");
  forged.set_participant_sid(carl_->sid().str());
  forged.mutable_user()->set_participant_identity("carl");
  receive(*ann_, forged);
  EXPECT_EQ(packet().participant_identity(), "ann");
  EXPECT_EQ(packet().participant_sid(), ann_->sid().str());
  EXPECT_EQ(packet().user().participant_identity(), "ann");

  proto::DataPacket chat;
  chat.mutable_chat_message()->set_generated(true);
  chat.set_participant_identity("carl");
  receive(*ann_, chat);
  EXPECT_EQ(packet().participant_identity(), "ann");
}

TEST_F(DataPacketsTest, stay_on_the_kind_of_channel_they_came_on) {
  receive(*ann_, message("hi"), DataChannel::Lossy);
  EXPECT_EQ(sent().channel, DataChannel::Lossy);
  EXPECT_EQ(packet().kind(), proto::DataPacket::LOSSY);
}

TEST_F(DataPacketsTest, go_to_the_identities_they_name) {
  proto::DataPacket to_bob = message("hi");
  to_bob.add_destination_identities("bob");
  receive(*ann_, to_bob);
  EXPECT_THAT(sent().to, ElementsAre(downlink(*bob_)));
  EXPECT_THAT(packet().user().destination_identities(), ElementsAre("bob"));

  proto::DataPacket old_style = message("hi");
  old_style.mutable_user()->add_destination_identities("carl");
  receive(*ann_, old_style);
  EXPECT_THAT(sent().to, ElementsAre(downlink(*carl_)));
  EXPECT_THAT(packet().destination_identities(), ElementsAre("carl"));

  proto::DataPacket by_sid = message("hi");
  by_sid.mutable_user()->add_destination_sids(bob_->sid().str());
  receive(*ann_, by_sid);
  EXPECT_THAT(sent().to, ElementsAre(downlink(*bob_)));

  proto::DataPacket to_nobody = message("hi");
  to_nobody.add_destination_identities("zoe");
  receive(*ann_, to_nobody);
  EXPECT_FALSE(was_sent());
}

TEST_F(DataPacketsTest, keep_what_this_server_does_not_know) {
  // Field 40 of the packet, and field 30 inside the user packet.
  const std::string unknown("\xC2\x02\x03new", 6);
  const std::string nested("\xF2\x01\x03old", 6);
  proto::DataPacket known = message("hi");
  std::string user = known.user().SerializeAsString() + nested;
  const std::string bytes =
      unknown + std::string("\x12", 1) + static_cast<char>(user.size()) + user;
  receive(*ann_, ByteVector(bytes.begin(), bytes.end()));
  const std::string payload(as_text(sent().payload));
  EXPECT_THAT(payload, testing::HasSubstr(unknown));
  EXPECT_THAT(payload, testing::HasSubstr(nested));
  EXPECT_EQ(packet().participant_identity(), "ann");

  // A kind of content that is not known is somebody else's business.
  receive(*ann_, ByteVector(unknown.begin(), unknown.end()));
  EXPECT_THAT(std::string(as_text(sent().payload)), testing::HasSubstr(unknown));
}

TEST_F(DataPacketsTest, leave_optional_fields_unset_and_zero_set) {
  proto::DataPacket header;
  header.mutable_stream_header()->set_stream_id("s");
  receive(*ann_, header);
  EXPECT_FALSE(packet().stream_header().has_total_length());
  header.mutable_stream_header()->set_total_length(0);
  receive(*ann_, header);
  EXPECT_TRUE(packet().stream_header().has_total_length());
  EXPECT_EQ(packet().stream_header().total_length(), 0u);
}

TEST_F(DataPacketsTest, are_delivered_once_by_their_number) {
  proto::DataPacket numbered = message("hi");
  const auto passes = [&](std::uint32_t sequence, DataChannel channel = DataChannel::Reliable) {
    numbered.set_sequence(sequence);
    receive(*ann_, numbered, channel);
    return was_sent();
  };
  EXPECT_TRUE(passes(1));
  EXPECT_EQ(packet().sequence(), 1u);
  EXPECT_FALSE(passes(1));
  EXPECT_TRUE(passes(3));
  EXPECT_FALSE(passes(2));
  EXPECT_TRUE(passes(0));
  EXPECT_TRUE(passes(0));
  EXPECT_TRUE(passes(2, DataChannel::Lossy));
}

TEST_F(DataPacketsTest, are_delivered_once_by_their_nonce) {
  proto::DataPacket packet = message("hi");
  const auto passes = [&](std::string nonce) {
    packet.mutable_user()->set_nonce(std::move(nonce));
    receive(*ann_, packet);
    return was_sent();
  };
  const auto nonce = [](std::size_t i) {
    std::string text = std::to_string(i);
    return std::string(16 - text.size(), '0') + text;
  };
  EXPECT_TRUE(passes(nonce(0)));
  EXPECT_FALSE(passes(nonce(0)));
  EXPECT_TRUE(passes("short"));
  EXPECT_TRUE(passes("short"));
  for (std::size_t i = 1; i < limits::kNoncesRemembered; ++i) EXPECT_TRUE(passes(nonce(i)));
  EXPECT_FALSE(passes(nonce(0)));
  EXPECT_TRUE(passes(nonce(limits::kNoncesRemembered)));
  EXPECT_TRUE(passes(nonce(0)));
}

TEST_F(DataPacketsTest, need_the_right_to_send_data) {
  Claims quiet = DoorWorld::claims("quiet");
  quiet.video->can_publish_data = false;
  const auto silent = enter(quiet);
  receive(*silent, message("hi"));
  EXPECT_FALSE(was_sent());
}

TEST_F(DataPacketsTest, do_not_reveal_who_is_hidden) {
  Claims hidden = DoorWorld::claims("ghost");
  hidden.video->hidden = true;
  const auto ghost = enter(hidden);
  receive(*ghost, message("boo"));
  EXPECT_EQ(sent().to.size(), 3u);
  EXPECT_EQ(packet().participant_identity(), "");
  EXPECT_EQ(packet().participant_sid(), "");
  EXPECT_EQ(packet().user().participant_identity(), "");
}

TEST_F(DataPacketsTest, are_dropped_when_only_servers_and_agents_may_send_them) {
  proto::DataPacket speaker;
  speaker.set_speaker("x");
  proto::DataPacket metrics;
  metrics.set_metrics("x");
  proto::DataPacket transcription;
  transcription.mutable_transcription()->set_track_id("TR_x");
  for (const proto::DataPacket& each : {speaker, metrics, transcription}) {
    receive(*ann_, each);
    EXPECT_FALSE(was_sent()) << each.value_case();
  }
  const auto writer = enter(agent("writer"));
  receive(*writer, transcription);
  EXPECT_TRUE(was_sent());
  receive(*writer, metrics);
  EXPECT_FALSE(was_sent());
}

TEST_F(DataPacketsTest, may_bear_another_identity_when_an_agent_made_them) {
  const auto writer = enter(agent("writer"));
  proto::DataPacket chat;
  chat.mutable_chat_message()->set_generated(true);
  chat.set_participant_identity("ann");
  receive(*writer, chat);
  EXPECT_EQ(packet().participant_identity(), "ann");
  EXPECT_EQ(packet().participant_sid(), writer->sid().str());

  proto::DataPacket header;
  header.mutable_stream_header()->mutable_text_header();
  header.set_participant_identity("ann");
  receive(*writer, header);
  EXPECT_EQ(packet().participant_identity(), "ann");

  proto::DataPacket own = message("hi");
  own.set_participant_identity("ann");
  receive(*writer, own);
  EXPECT_EQ(packet().participant_identity(), "writer");
}

TEST_F(DataPacketsTest, are_made_of_bytes_on_channels_without_a_known_label) {
  const std::string raw("\x00\xFFraw", 5);
  receive(*ann_, ByteVector(raw.begin(), raw.end()), DataChannel::Other);
  EXPECT_EQ(sent().channel, DataChannel::Reliable);
  EXPECT_EQ(packet().user().payload(), raw);
  EXPECT_EQ(packet().participant_identity(), "ann");
}

TEST_F(DataPacketsTest, are_dropped_when_they_cannot_be_read) {
  for (const std::string bytes : {"\xFF\xFF\xFF\xFF", "\x12\x7F", "\x22\x02\xC3\x28"}) {
    receive(*ann_, ByteVector(bytes.begin(), bytes.end()));
    EXPECT_FALSE(was_sent());
  }
  EXPECT_FALSE(ann_->is_ended());
}

TEST_F(DataPacketsTest, may_name_only_so_many_receivers) {
  proto::DataPacket packet = message("hi");
  for (std::size_t i = 1; i < limits::kDataDestinations; ++i) {
    packet.add_destination_identities("nobody");
  }
  packet.add_destination_identities("bob");
  receive(*ann_, packet);
  EXPECT_TRUE(was_sent());
  packet.add_destination_identities("nobody");
  receive(*ann_, packet);
  EXPECT_FALSE(was_sent());
}

}  // namespace
}  // namespace vis::api::livekit
