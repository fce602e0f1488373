#include "api/livekit/webhook_event.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "core/rooms/store_journal.hpp"
#include "http/digest.hpp"
#include "http/jwt.hpp"
#include "support/memory_store.hpp"

namespace vis::api::livekit {
namespace {

namespace types = core::events::types;
namespace rooms = core::rooms;

constexpr WallTime kNow = wall_from_unix_ms(1'790'000'000'123);

class WebhookEventTest : public testing::Test {
 protected:
  /// The event that the journal wrote last, as a reader of the log gets it.
  core::events::Event event() {
    const core::events::NewEvent& written = store_.behind.back().events.at(0);
    return {.id = core::events::EventId{1},
            .public_id = "EV_x",
            .project = written.project,
            .type = written.type,
            .resource = written.resource,
            .sequence = 1,
            .at = written.at,
            .data = written.data};
  }

  test::MemoryStore store_;
  rooms::StoreJournal journal_{store_, rooms::NodeId("ND_1")};
  rooms::RoomInfo room_{.sid = rooms::RoomSid("RM_1"),
                        .project = core::ProjectId("demo"),
                        .name = "meeting",
                        .metadata = "m",
                        .created_at = kNow,
                        .participants = 1};
  rooms::ParticipantInfo ann_{.sid = rooms::ParticipantSid("PA_1"),
                              .identity = "ann",
                              .name = "Ann",
                              .state = rooms::ParticipantState::Active,
                              .joined_at = kNow,
                              .version = 3};
  rooms::TrackInfo track_{.sid = rooms::TrackSid("TR_1"),
                          .kind = rooms::TrackKind::Video,
                          .source = rooms::TrackSource::Camera,
                          .mime_type = "video/vp8",
                          .muted = true};
};

TEST_F(WebhookEventTest, has_the_names_that_receivers_know) {
  EXPECT_EQ(webhook_name(types::kRoomStarted), "room_started");
  EXPECT_EQ(webhook_name(types::kRoomFinished), "room_finished");
  EXPECT_EQ(webhook_name(types::kParticipantActive), "participant_joined");
  EXPECT_EQ(webhook_name(types::kParticipantLeft), "participant_left");
  EXPECT_EQ(webhook_name(types::kParticipantConnectionAborted), "participant_connection_aborted");
  EXPECT_EQ(webhook_name(types::kTrackPublished), "track_published");
  EXPECT_EQ(webhook_name(types::kTrackUnpublished), "track_unpublished");
  for (const auto other : {types::kParticipantJoined, types::kRoomUpdated,
                           types::kParticipantUpdated, types::kWebhookFailed}) {
    EXPECT_EQ(webhook_name(other), "") << other;
  }
}

TEST_F(WebhookEventTest, tells_of_a_room) {
  journal_.room_started(kNow, room_);
  EXPECT_EQ(webhook_body(event()),
            R"({"event":"room_started","room":{"sid":"RM_1","name":"meeting",)"
            R"("creationTime":"1790000000","metadata":"m","numParticipants":1,)"
            R"("creationTimeMs":"1790000000123"},"id":"EV_x","createdAt":"1790000000"})");
}

TEST_F(WebhookEventTest, tells_of_a_participant_in_full) {
  journal_.participant_active(kNow, room_, ann_);
  EXPECT_EQ(webhook_body(event()),
            R"({"event":"participant_joined","room":{"sid":"RM_1","name":"meeting",)"
            R"("creationTime":"1790000000","metadata":"m","numParticipants":1,)"
            R"("creationTimeMs":"1790000000123"},"participant":{"sid":"PA_1","identity":"ann",)"
            R"("state":"ACTIVE","joinedAt":"1790000000","name":"Ann","version":3,)"
            R"("permission":{"canSubscribe":true,"canPublish":true,"canPublishData":true},)"
            R"("joinedAtMs":"1790000000123"},"id":"EV_x","createdAt":"1790000000"})");
}

TEST_F(WebhookEventTest, tells_of_a_track_with_the_names_of_room_and_participant) {
  journal_.track_published(kNow, room_, ann_, track_);
  EXPECT_EQ(webhook_body(event()),
            R"({"event":"track_published","room":{"sid":"RM_1","name":"meeting"},)"
            R"("participant":{"sid":"PA_1","identity":"ann","name":"Ann"},"id":"EV_x",)"
            R"("createdAt":"1790000000","track":{"sid":"TR_1","type":"VIDEO","muted":true,)"
            R"("source":"CAMERA","mimeType":"video/vp8","version":{}}})");
}

TEST_F(WebhookEventTest, has_no_body_when_its_data_is_damaged) {
  journal_.room_started(kNow, room_);
  core::events::Event damaged = event();
  damaged.data = "{";
  EXPECT_EQ(webhook_body(damaged), "");
}

TEST_F(WebhookEventTest, is_signed_over_its_hash_with_the_key_of_the_receiver) {
  const core::projects::ApiKey key{.id = core::projects::ApiKeyId("devkey"),
                                   .secret = Secret("secret")};
  const std::string header = webhook_authorization(key, "{}", kNow);
  const auto token = http::Jwt::parse(header);
  ASSERT_TRUE(token) << header;
  EXPECT_TRUE(token->signed_with(key.secret));
  EXPECT_EQ(token->issuer(), "devkey");
  EXPECT_EQ(token->text("sha256"), base64_encode(http::sha256(as_bytes("{}"))));
  EXPECT_TRUE(token->check_times(kNow + 299s, 0s));
  EXPECT_FALSE(token->check_times(kNow + 302s, 0s));
}

}  // namespace
}  // namespace vis::api::livekit
