#include "core/rooms/outbox.hpp"

#include <gtest/gtest.h>

#include "support/rooms/recording_journal.hpp"
#include "support/rooms/recording_media.hpp"
#include "support/rooms/recording_session.hpp"

namespace vis::core::rooms {
namespace {

class OutboxTest : public testing::Test {
 protected:
  static Outbox::Notice say(RoomInfo room) {
    return [room](SessionObserver& observer) { observer.on_room(room); };
  }

  RecordingMedia media;
  RecordingJournal journal;
  Outbox outbox{media, journal};
};

TEST_F(OutboxTest, holds_everything_back_until_it_is_delivered) {
  RecordingSession session;
  const RoomSid room("RM_1");
  ASSERT_TRUE(media.open_room(room));
  outbox.record([](RoomJournal& to) { to.room_started({}, {}); });
  outbox.tell(&session, say({}));
  outbox.command(room, StartOffer{});
  outbox.close_room(room);
  EXPECT_TRUE(journal.entries.empty() && session.heard.empty() && media.commands.empty());
  outbox.deliver();
  EXPECT_EQ(journal.entries.size(), 1U);
  EXPECT_EQ(session.heard.size(), 1U);
  EXPECT_EQ(media.commands.size(), 1U);
  EXPECT_TRUE(media.open_rooms.empty());
}

TEST_F(OutboxTest, tells_a_forgotten_observer_nothing) {
  RecordingSession first;
  RecordingSession second;
  outbox.tell({&first, nullptr, &second}, say({}));
  outbox.forget(&first);
  outbox.deliver();
  EXPECT_TRUE(first.heard.empty());
  EXPECT_EQ(second.heard.size(), 1U);
}

TEST_F(OutboxTest, puts_what_a_receiver_causes_behind_what_is_under_way) {
  RecordingSession session;
  RecordingSession other;
  outbox.tell(&session, [&](SessionObserver&) {
    outbox.tell(&session, say({.name = "second"}));
    outbox.forget(&other);
    outbox.deliver();
  });
  outbox.tell(&session, say({.name = "first"}));
  outbox.tell(&other, say({}));
  outbox.deliver();
  ASSERT_EQ(session.rooms.size(), 2U);
  EXPECT_EQ(session.rooms[0].name, "first");
  EXPECT_EQ(session.rooms[1].name, "second");
  EXPECT_TRUE(other.heard.empty());
}

}  // namespace
}  // namespace vis::core::rooms
