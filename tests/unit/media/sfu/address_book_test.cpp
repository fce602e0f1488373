#include "media/sfu/address_book.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/limits/media_ice.hpp"
#include "media/sfu/transport.hpp"

namespace vis::media::sfu {
namespace {

ice::Path address(std::uint16_t port) {
  return {.local = 0, .remote = {.ip = IpAddress::v4({192, 0, 2, 9}), .port = port}};
}

class AddressBookTest : public testing::Test {
 protected:
  /// The book does not look into transports: any two different ones will do.
  Transport& first_ = *static_cast<Transport*>(static_cast<void*>(&places_[0]));
  Transport& second_ = *static_cast<Transport*>(static_cast<void*>(&places_[1]));
  AddressBook book_;

 private:
  alignas(Transport) std::uint64_t places_[2][sizeof(std::uint64_t)] = {};
};

TEST_F(AddressBookTest, a_transport_has_one_selected_address) {
  book_.select(first_, address(1));
  book_.select(first_, address(2));
  EXPECT_EQ(book_.by_selected(address(1)), nullptr);
  EXPECT_EQ(book_.by_selected(address(2)), &first_);
  book_.unselect(first_);
  EXPECT_EQ(book_.by_selected(address(2)), nullptr);
}

TEST_F(AddressBookTest, finds_all_of_a_host) {
  book_.select(first_, address(1));
  book_.select(second_, address(2));
  EXPECT_EQ(book_.at(address(3).remote.ip).size(), 2U);
  book_.select(first_, address(3));
  book_.remove(second_);
  ASSERT_EQ(book_.at(address(3).remote.ip).size(), 1U);
  EXPECT_EQ(book_.at(address(3).remote.ip).front(), &first_);
  book_.unselect(first_);
  EXPECT_TRUE(book_.at(address(3).remote.ip).empty());
}

TEST_F(AddressBookTest, who_loses_an_address_does_not_take_it_from_its_new_owner) {
  book_.select(first_, address(1));
  book_.select(second_, address(1));
  book_.select(first_, address(2));
  EXPECT_EQ(book_.by_selected(address(1)), &second_);
  book_.remove(first_);
  EXPECT_EQ(book_.by_selected(address(1)), &second_);
}

TEST_F(AddressBookTest, knows_the_latest_two_fragments) {
  for (const std::string ufrag : {"one", "two", "three"}) book_.add_ufrag(first_, ufrag);
  EXPECT_EQ(book_.by_ufrag("one"), nullptr);
  EXPECT_EQ(book_.by_ufrag("two"), &first_);
  EXPECT_EQ(book_.by_ufrag("three"), &first_);
  book_.remove(first_);
  EXPECT_EQ(book_.by_ufrag("three"), nullptr);
}

/// Two clients that name the same candidate: whose transport went last must be forgotten with it.
TEST_F(AddressBookTest, forgets_a_checked_address_with_the_transport_that_checked_it_last) {
  book_.add_checked(first_, address(1));
  book_.add_checked(second_, address(1));
  EXPECT_EQ(book_.by_checked(address(1)), &second_);
  book_.remove(second_);
  EXPECT_EQ(book_.by_checked(address(1)), nullptr);
  book_.add_checked(first_, address(1));
  EXPECT_EQ(book_.by_checked(address(1)), &first_);
  book_.remove(first_);
  EXPECT_EQ(book_.by_checked(address(1)), nullptr);
}

TEST_F(AddressBookTest, remembers_checked_addresses_up_to_the_limit) {
  for (std::size_t i = 0; i < limits::kIceRemoteCandidates; ++i) {
    book_.add_checked(first_, address(static_cast<std::uint16_t>(i)));
  }
  EXPECT_EQ(book_.by_checked(address(0)), &first_);
  book_.add_checked(first_, address(limits::kIceRemoteCandidates));
  EXPECT_EQ(book_.by_checked(address(0)), nullptr);
  EXPECT_EQ(book_.by_checked(address(limits::kIceRemoteCandidates)), &first_);
}

}  // namespace
}  // namespace vis::media::sfu
