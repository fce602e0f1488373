#include "core/rooms/participant.hpp"

#include <utility>

namespace vis::core::rooms {
namespace {

/// Sets `field` unless `text` is empty. Whether that changed it.
bool replace_text(std::string& field, const std::string& text) {
  if (text.empty() || text == field) return false;
  field = text;
  return true;
}

}  // namespace

Attributes merge(Attributes attributes, const Attributes& changes) {
  for (const auto& [key, value] : changes) {
    if (value.empty()) {
      attributes.erase(key);
    } else {
      attributes[key] = value;
    }
  }
  return attributes;
}

bool is_dependent(ParticipantKind kind, const Permissions& permissions) {
  return kind == ParticipantKind::Agent || kind == ParticipantKind::Egress ||
         permissions.recorder || permissions.agent;
}

Profile::Profile(ParticipantSid sid, const JoinRequest& request, WallTime joined_at)
    : info_{.sid = std::move(sid),
            .identity = request.identity,
            .name = request.name,
            .metadata = request.metadata,
            .attributes = request.attributes,
            .kind = request.kind,
            .kind_details = request.kind_details,
            .permissions = request.permissions,
            .joined_at = joined_at,
            .version = 1,
            .client_protocol = request.client.client_protocol,
            .capabilities = request.client.capabilities} {}

void Profile::set_state(ParticipantState state) {
  info_.state = state;
  touch();
}

void Profile::set_disconnected(LeaveReason reason) {
  info_.disconnect_reason = reason;
  set_state(ParticipantState::Disconnected);
}

void Profile::set_permissions(Permissions permissions) {
  info_.permissions = std::move(permissions);
  touch();
}

bool Profile::update(const ParticipantUpdate& update) {
  bool changed = replace_text(info_.name, update.name);
  changed |= replace_text(info_.metadata, update.metadata);
  Attributes attributes = merge(info_.attributes, update.attributes);
  if (attributes != info_.attributes) {
    info_.attributes = std::move(attributes);
    changed = true;
  }
  if (changed) touch();
  return changed;
}

Participant::Participant(ParticipantSid sid, const JoinRequest& request, WallTime joined_at)
    : profile(std::move(sid), request, joined_at),
      traits(traits_of(request.client)),
      single_transport(request.single_transport),
      subscriber_primary(!request.single_transport && traits.subscriber_primary &&
                         request.permissions.can_subscribe),
      full_ice(request.full_ice),
      reached_at(request.reached_at),
      adaptive_stream(request.adaptive_stream),
      subscriptions(request.auto_subscribe && !request.viewer) {
  if (request.viewer) viewer = {.options = *request.viewer, .tracks = {}};
}

bool Participant::visible() const {
  const bool announced = state() == ParticipantState::Joined || state() == ParticipantState::Active;
  return announced && !permissions().hidden;
}

ParticipantInfo Participant::info() const {
  ParticipantInfo snapshot = profile.info();
  for (const auto& publication : publications.all()) {
    if (publication->bound) snapshot.tracks.push_back(publication->info);
  }
  snapshot.is_publisher = !snapshot.tracks.empty();
  return snapshot;
}

}  // namespace vis::core::rooms
