#include "api/livekit/webhook_event.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <chrono>
#include <iterator>

#include "api/livekit/messages.hpp"
#include "api/livekit/wire.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "core/rooms/snapshot.hpp"
#include "http/digest.hpp"
#include "http/jwt.hpp"

namespace vis::api::livekit {
namespace {

namespace types = core::events::types;

constexpr auto kTokenValidity = std::chrono::minutes{5};

struct Name {
  std::string_view event_type;
  std::string_view webhook;
};
constexpr Name kNames[] = {
    {types::kRoomStarted, "room_started"},
    {types::kRoomFinished, "room_finished"},
    {types::kParticipantActive, "participant_joined"},
    {types::kParticipantLeft, "participant_left"},
    {types::kParticipantConnectionAborted, "participant_connection_aborted"},
    {types::kTrackPublished, "track_published"},
    {types::kTrackUnpublished, "track_unpublished"},
};

/// Events of tracks name the room and the participant alone.
void set_brief(const rooms::EventContent& content, proto::WebhookEvent& webhook) {
  webhook.mutable_room()->set_sid(content.room.sid.str());
  webhook.mutable_room()->set_name(content.room.name);
  if (!content.participant) return;
  proto::ParticipantInfo& participant = *webhook.mutable_participant();
  participant.set_sid(content.participant->sid.str());
  participant.set_identity(content.participant->identity);
  participant.set_name(content.participant->name);
}

void set_full(const rooms::EventContent& content, proto::WebhookEvent& webhook) {
  *webhook.mutable_room() = to_proto(content.room);
  if (content.participant) *webhook.mutable_participant() = to_proto(*content.participant);
}

}  // namespace

std::string_view webhook_name(std::string_view event_type) {
  const auto* const found = std::ranges::find(kNames, event_type, &Name::event_type);
  return found == std::end(kNames) ? std::string_view{} : found->webhook;
}

std::string webhook_body(const core::events::Event& event) {
  const auto content = rooms::parse_event_data(event.data);
  if (!content) {
    log::error("webhook.event_damaged", {{"id", event.public_id}, {"error", content.error()}});
    return {};
  }
  proto::WebhookEvent webhook;
  webhook.set_event(std::string(webhook_name(event.type)));
  webhook.set_id(event.public_id);
  webhook.set_created_at(unix_s(event.at));
  if (content->track) {
    set_brief(*content, webhook);
    *webhook.mutable_track() = to_proto(*content->track);
  } else {
    set_full(*content, webhook);
  }
  return write_json(webhook, JsonStyle::CamelCase);
}

std::string webhook_authorization(const core::projects::ApiKey& key, std::string_view body,
                                  WallTime now) {
  const boost::json::object claims{{"iss", key.id.str()},
                                   {"nbf", unix_s(now)},
                                   {"exp", unix_s(now + kTokenValidity)},
                                   {"sha256", base64_encode(http::sha256(as_bytes(body)))}};
  return http::sign_jwt(claims, key.secret);
}

}  // namespace vis::api::livekit
