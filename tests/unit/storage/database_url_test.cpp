#include "storage/database_url.hpp"

#include <gtest/gtest.h>

namespace vis::storage {
namespace {

TEST(DatabaseUrl, names_a_sqlite_file_by_path) {
  const auto url = DatabaseUrl::parse("sqlite:/var/lib/vis avis/a=b.db");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->dialect, Dialect::Sqlite);
  EXPECT_EQ(url->location, "/var/lib/vis avis/a=b.db");
  EXPECT_EQ(url->display(), "sqlite:/var/lib/vis avis/a=b.db");
}

TEST(DatabaseUrl, passes_a_postgresql_url_on_as_it_is) {
  for (const std::string text : {"postgresql://u@h:5432/db?sslmode=require", "postgres://h/db"}) {
    const auto url = DatabaseUrl::parse(text);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->dialect, Dialect::PostgreSql);
    EXPECT_EQ(url->location, text);
  }
}

TEST(DatabaseUrl, shows_neither_password_nor_options) {
  const auto shown = [](std::string_view text) { return DatabaseUrl::parse(text)->display(); };
  EXPECT_EQ(shown("postgresql://u:p%40ss@h:5432/db?password=x"), "postgresql://u:***@h:5432/db");
  EXPECT_EQ(shown("postgresql://u:p@ss@h/db"), "postgresql://u:***@h/db");
  EXPECT_EQ(shown("postgresql://u@h:5432/db"), "postgresql://u@h:5432/db");
  EXPECT_EQ(shown("postgresql:///db?host=/run&password=x"), "postgresql:///db");
}

TEST(DatabaseUrl, refuses_anything_else) {
  for (const std::string text : {"", "sqlite:", "sqlite::memory:", "sqlite:a\"b", "mysql://h/db",
                                 "/var/lib/visavis.db", "sqlite:\xFF"}) {
    const auto url = DatabaseUrl::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Errc::InvalidArgument);
  }
}

}  // namespace
}  // namespace vis::storage
