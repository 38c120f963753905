// SPDX-License-Identifier: BSD-3-Clause
//
// RPC transcripts, byte for byte as a Go client sends and expects them, and every way to get them wrong.
#include "core/rpc/server.h"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace gotee::rpc {
namespace {

/// The LEDs of a USB armory: white is the supervisor's.
struct Board {
  std::vector<std::pair<std::string, bool>> calls;
  Error broken = Error::Ok;

  static Result<> led(void* self, std::string_view name, bool on) {
    Board& board = *static_cast<Board*>(self);
    board.calls.emplace_back(name, on);
    if (board.broken != Error::Ok) return board.broken;
    if (name == "white") return Error::Denied;
    if (name == "blue") return kOk;
    return Error::NotFound;
  }
  Actions actions() { return {this, led}; }
};

struct Session {
  Board board;
  std::unique_ptr<Server> server = std::make_unique<Server>();

  bool send(std::string_view text) {
    return server->request({reinterpret_cast<const u8*>(text.data()), text.size()}, board.actions());
  }
  std::string receive(std::size_t capacity = 8192) {
    std::string text(capacity, '\0');
    text.resize(server->response({reinterpret_cast<u8*>(text.data()), text.size()}));
    return text;
  }
  std::string ask(std::string_view text) {
    EXPECT_TRUE(send(text));
    return receive();
  }
};

std::string ask(std::string_view text) { return Session{}.ask(text); }

const std::string kEcho = "{\"method\":\"RPC.Echo\",\"params\":[\"hello\"],\"id\":0}\n";
const std::string kEchoed = "{\"id\":0,\"result\":\"hello\",\"error\":null}\n";
const std::string kLedOn = "{\"method\":\"RPC.LED\",\"params\":[{\"Name\":\"blue\",\"On\":true}],\"id\":0}\n";
const std::string kLedDone = "{\"id\":0,\"result\":false,\"error\":null}\n";

std::string failed(std::string_view error, std::string_view id = "0") {
  return "{\"id\":" + std::string{id} + ",\"result\":null,\"error\":\"" + std::string{error} + "\"}\n";
}
std::string echo_of(std::string_view quoted, std::string_view id = "0") {
  return "{\"method\":\"RPC.Echo\",\"params\":[" + std::string{quoted} + "],\"id\":" + std::string{id} +
         "}\n";
}
std::string echoed(std::string_view quoted, std::string_view id = "0") {
  return "{\"id\":" + std::string{id} + ",\"result\":" + std::string{quoted} + ",\"error\":null}\n";
}
std::string call_of(std::string_view method) {
  return "{\"method\":" + std::string{method} + ",\"params\":[],\"id\":0}\n";
}
std::string led_of(std::string_view params) {
  return "{\"method\":\"RPC.LED\",\"params\":" + std::string{params} + ",\"id\":0}\n";
}

TEST(Rpc, EchoesTheTranscriptOfAGoClientAndThenEndsTheFile) {
  ASSERT_EQ(kEcho.size(), 48u);
  ASSERT_EQ(kEchoed.size(), 39u);
  Session session;
  ASSERT_TRUE(session.send(kEcho));
  EXPECT_EQ(session.server->pending(), 39u);
  EXPECT_EQ(session.receive(), kEchoed);
  EXPECT_EQ(session.receive(), "");
  EXPECT_EQ(session.server->pending(), 0u);
}

TEST(Rpc, IsReadInPieces) {
  Session session;
  ASSERT_TRUE(session.send(kEcho));
  std::string all;
  for (int i = 0; i < 39; ++i) all += session.receive(1);
  EXPECT_EQ(all, kEchoed);
  EXPECT_EQ(session.receive(1), "");
  EXPECT_EQ(session.receive(0), "");
}

TEST(Rpc, SwitchesAnLed) {
  Session session;
  EXPECT_EQ(session.ask(kLedOn), kLedDone);
  ASSERT_EQ(session.board.calls.size(), 1u);
  EXPECT_EQ(session.board.calls[0], std::pair(std::string{"blue"}, true));
}

TEST(Rpc, AnswersTheErrorsOfLeds) {
  EXPECT_EQ(ask(led_of(R"([{"Name":"white","On":true}])")), failed("LED is secure only"));
  EXPECT_EQ(ask(led_of(R"([{"Name":"green","On":true}])")), failed("invalid LED"));
  EXPECT_EQ(ask(led_of(R"([{"Name":"","On":true}])")), failed("invalid LED"));
  EXPECT_EQ(ask(led_of(R"([{"On":true}])")), failed("invalid LED"));
  EXPECT_EQ(ask(led_of("[{}]")), failed("invalid LED"));
  EXPECT_EQ(ask(led_of("[{\"Name\":\"" + std::string(100, 'b') + "\"}]")), failed("invalid LED"));
  Session session;
  session.board.broken = Error::Device;
  EXPECT_EQ(session.ask(kLedOn), failed("device failure"));
}

TEST(Rpc, HasNoLedsWithoutAnAction) {
  Server server;
  ASSERT_TRUE(server.request({reinterpret_cast<const u8*>(kLedOn.data()), kLedOn.size()}, Actions{}));
  EXPECT_EQ(server.pending(), failed("invalid LED").size());
}

TEST(Rpc, TakesTheNameOfAnLedInAnyCaseAndHandsItOverInLowerCase) {
  for (const char* name : {"blue", "Blue", "BLUE", "bl\\u0075e"}) {
    Session session;
    EXPECT_EQ(session.ask(led_of("[{\"Name\":\"" + std::string{name} + "\",\"On\":true}]")), kLedDone);
    EXPECT_EQ(session.board.calls.at(0).first, "blue");
  }
}

TEST(Rpc, TakesMissingOnAsOff) {
  for (const char* params :
       {R"([{"Name":"blue"}])", R"([{"Name":"blue","On":null}])", R"([{"On":false,"Name":"blue"}])"}) {
    Session session;
    EXPECT_EQ(session.ask(led_of(params)), kLedDone);
    EXPECT_EQ(session.board.calls.at(0), std::pair(std::string{"blue"}, false)) << params;
  }
}

TEST(Rpc, MatchesMembersInAnyCaseOrderAndSpelling) {
  for (const char* params : {R"([{"name":"blue","on":true}])", R"([ { "ON" : true , "NAME" : "blue" } ])",
                             R"([{"On":false,"x":{"On":false},"N\u0061me":"blue","\u004fn":true}])"}) {
    Session session;
    EXPECT_EQ(session.ask(led_of(params)), kLedDone) << params;
    EXPECT_EQ(session.board.calls.at(0), std::pair(std::string{"blue"}, true)) << params;
  }
  EXPECT_EQ(ask("\t\r\n {\"ID\" : 7 ,\n\"PaRaMs\":[\"x\"] , \"jsonrpc\":\"1.0\", "
                "\"m\\u0065thod\":\"RPC.\\u0045cho\" }"),
            echoed("\"x\"", "7"));
}

TEST(Rpc, TakesTheLastOfDuplicates) {
  EXPECT_EQ(ask(R"({"id":1,"method":"RPC.No","params":["a"],"id":2,"params":["b"],"method":"RPC.Echo"})"),
            echoed("\"b\"", "2"));
}

TEST(Rpc, IgnoresUnknownMembersHoweverLarge) {
  const std::string large(100000, 'x');
  EXPECT_EQ(ask("{\"" + large + "\":1,\"y\":\"" + large + "\",\"z\":[1,{\"method\":\"no\",\"id\":9}]," +
                kEcho.substr(1)),
            kEchoed);
}

TEST(Rpc, WordsUnknownMethodsAsGoDoes) {
  EXPECT_EQ(ask(call_of("\"RPC.Nope\"")), failed("rpc: can't find method RPC.Nope"));
  EXPECT_EQ(ask(call_of("\"RPC.echo\"")), failed("rpc: can't find method RPC.echo"));
  EXPECT_EQ(ask(call_of("\"RPC.\"")), failed("rpc: can't find method RPC."));
  EXPECT_EQ(ask(call_of("\"Foo.Bar\"")), failed("rpc: can't find service Foo.Bar"));
  EXPECT_EQ(ask(call_of("\"RPC.Echo.\"")), failed("rpc: can't find service RPC.Echo."));
  EXPECT_EQ(ask(call_of("\".RPC.Echo\"")), failed("rpc: can't find service .RPC.Echo"));
  EXPECT_EQ(ask(call_of("\"xyz\"")), failed("rpc: service/method request ill-formed: xyz"));
  EXPECT_EQ(ask(call_of("\"\"")), failed("rpc: service/method request ill-formed: "));
  EXPECT_EQ(ask("{}"), failed("rpc: service/method request ill-formed: ", "null"));
}

TEST(Rpc, EscapesTheMethodInItsAnswer) {
  EXPECT_EQ(ask(call_of(R"("a\"\\\n\u0000<b>&\/\u00e9\ud83d\ude00")")),
            failed("rpc: service/method request ill-formed: "
                   "a\\\"\\\\\\u000a\\u0000\\u003cb\\u003e\\u0026/\xc3\xa9\xf0\x9f\x98\x80"));
}

TEST(Rpc, RefusesAMethodThatIsNoString) {
  for (const char* method : {"1", "true", "[]", "{}", "[\"RPC.Echo\"]"})
    EXPECT_EQ(ask(call_of(method)), failed("method is not a string")) << method;
}

TEST(Rpc, RefusesParamsOfTheWrongType) {
  for (const char* params :
       {"[]", "[1]", "[null]", "[[\"a\"]]", "[\"a\",\"b\"]", "{}", "{\"a\":\"b\"}", "\"hello\"", "null", "1"})
    EXPECT_EQ(ask("{\"method\":\"RPC.Echo\",\"params\":" + std::string{params} + ",\"id\":0}"),
              failed("RPC.Echo: params must be a list of one string"))
        << params;
  EXPECT_EQ(ask("{\"method\":\"RPC.Echo\",\"id\":0}"),
            failed("RPC.Echo: params must be a list of one string"));
  for (const char* params : {"[]", "[\"blue\"]", "[{},{}]", "{\"Name\":\"blue\"}", "true"})
    EXPECT_EQ(ask(led_of(params)), failed("RPC.LED: params must be a list of one object")) << params;
  EXPECT_EQ(ask(led_of("[{\"Name\":1}]")), failed("RPC.LED: Name must be a string"));
  EXPECT_EQ(ask(led_of("[{\"Name\":\"blue\",\"On\":1}]")), failed("RPC.LED: On must be true or false"));
  EXPECT_EQ(ask(led_of("[{\"Name\":\"blue\",\"On\":\"true\"}]")),
            failed("RPC.LED: On must be true or false"));
}

TEST(Rpc, EchoesEveryStringAsItWasWritten) {
  for (const char* said :
       {"\"\"", "\" \"", R"("\"\\\/\b\f\n\r\t\u0000\uFFFF")", "\"[{]}:,\"",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", R"("\ud83d\ude00")", "\"\x7f\"",
        "\"\xf4\x8f\xbf\xbf\xee\x80\x80\xed\x9f\xbf\xe0\xa0\x80\xf0\x90\x80\x80\xc2\x80\""})
    EXPECT_EQ(ask(echo_of(said)), echoed(said)) << said;
}

TEST(Rpc, TakesLoneSurrogatesWhichTheGrammarAllows) {
  for (const char* said :
       {R"("\ud800")", R"("\udc00")", R"("\udc00\ud800")", R"("\ud800x")", R"("\ud800\n")"})
    EXPECT_EQ(ask(echo_of(said)), echoed(said)) << said;
  EXPECT_EQ(ask(call_of(R"("\ud800\u0041")")), failed("rpc: service/method request ill-formed: \xef\xbf\xbd"
                                                      "A"));
  EXPECT_EQ(ask(call_of(R"("\ud800\ud83d\ude00\udc00")")),
            failed("rpc: service/method request ill-formed: \xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd"));
}

TEST(Rpc, EchoesTheIdVerbatim) {
  for (const char* id :
       {"0", "-1.5e+10", "18446744073709551615", "\"\"", "\"a\\u0041\\\"\"", "null", "true", "false"})
    EXPECT_EQ(ask(echo_of("\"x\"", id)), echoed("\"x\"", id));
  EXPECT_EQ(ask("{\"method\":\"RPC.Echo\",\"params\":[\"x\"]}"), echoed("\"x\"", "null"));
}

TEST(Rpc, RefusesAnIdThatIsNoScalar) {
  for (const char* id : {"{}", "[]", "{\"id\":1}", "[1,2]"})
    EXPECT_EQ(ask(echo_of("\"x\"", id)), failed("id is not a string, a number, true, false or null", "null"));
}

TEST(Rpc, AcceptsTheLongestMembersAndRefusesOneByteMore) {
  const std::string id(32, '7');
  EXPECT_EQ(ask(echo_of("\"x\"", id)), echoed("\"x\"", id));
  EXPECT_EQ(ask(echo_of("\"x\"", id + "7")), failed("request too long", "null"));

  const std::string params = "\"" + std::string(1020, 'p') + "\"";  // and two brackets: 1024
  EXPECT_EQ(ask(echo_of(params)), echoed(params));
  EXPECT_EQ(ask(echo_of("\"p" + params.substr(1))), failed("request too long"));

  const std::string method(64, 'm');
  EXPECT_EQ(ask(call_of("\"" + method + "\"")), failed("rpc: service/method request ill-formed: " + method));
  EXPECT_EQ(ask(call_of("\"m" + method + "\"")), failed("request too long"));
}

TEST(Rpc, SurvivesAMebibyteOfParams) {
  Session session;
  EXPECT_EQ(session.ask(echo_of("\"" + std::string(1 << 20, 'x') + "\"")), failed("request too long"));
  EXPECT_EQ(session.ask(kEcho), kEchoed);
}

TEST(Rpc, RefusesAValueThatIsNoObject) {
  for (const char* value : {"[]", "[{\"id\":1}]", "\"text\"", "true", "false", "null", "12 ", "-0.5e1\n"}) {
    Session session;
    EXPECT_EQ(session.ask(value), failed("request is not an object", "null")) << value;
    EXPECT_EQ(session.ask(kEcho), kEchoed);
  }
}

TEST(Rpc, EndsANumberWhereTheNextRequestStarts) {
  EXPECT_EQ(ask("12" + kEcho), failed("request is not an object", "null") + kEchoed);
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Rpc, AcceptsThirtyTwoLevelsAndRefusesOneMore) {
  const auto nested = [](int levels) {  // inside the request, itself a level
    return "{\"x\":" + repeated("[", levels - 1) + repeated("]", levels - 1) + "," + kEcho.substr(1);
  };
  EXPECT_EQ(ask(nested(32)), kEchoed);
  EXPECT_EQ(ask(nested(33)), failed("nested deeper than 32 levels"));
}

TEST(Rpc, FindsTheEndOfARequestTenThousandLevelsDeep) {
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {repeated("[", 10000), repeated("]", 10000)},
      {repeated("{\"a\":", 10000) + "1", repeated("}", 10000)},
      {repeated("[{\"a\":", 5000) + "\"]}\\\"]}\"", repeated("}]", 5000)},
  };
  for (const auto& [opening, closing] : kinds) {
    Session session;
    EXPECT_EQ(session.ask(opening + closing), failed("nested deeper than 32 levels", "null"));
    EXPECT_EQ(session.ask(kEcho), kEchoed);
    EXPECT_EQ(session.ask("{\"method\":\"RPC.Echo\",\"params\":" + opening + closing + ",\"id\":5}" + kEcho),
              failed("nested deeper than 32 levels", "5") + kEchoed);
    EXPECT_EQ(session.ask(opening), "");
    EXPECT_EQ(session.ask(closing), failed("nested deeper than 32 levels", "null"));
  }
}

TEST(Rpc, AnswersAMebibyteOfGarbageOnce) {
  Session session;
  EXPECT_EQ(session.ask(std::string(1 << 20, 'x')),
            failed("invalid character 'x' looking for beginning of value", "null"));
  EXPECT_EQ(session.ask("still the same line" + kEcho), "");
  EXPECT_EQ(session.ask(kEcho), kEchoed);
}

struct Garbage {
  std::string bytes;
  std::string error;
};
std::ostream& operator<<(std::ostream& out, const Garbage& garbage) {
  return out << testing::PrintToString(garbage.bytes);
}
class RpcGarbage : public testing::TestWithParam<Garbage> {};

TEST_P(RpcGarbage, IsAnsweredOnceAndSkippedToTheEndOfTheLine) {
  Session session;
  const std::string& bytes = GetParam().bytes;
  const std::string line = bytes.ends_with('\n') ? bytes : bytes + "}]\" rest\n";
  EXPECT_EQ(session.ask(line + kEcho), failed("invalid character " + GetParam().error, "null") + kEchoed);
}

const std::string kNul(1, '\0');
const Garbage kGarbage[] = {
    {"hello", "'h' looking for beginning of value"},
    {"}", "'}' looking for beginning of value"},
    {kNul, "'\\\\x00' looking for beginning of value"},
    {"\x1b", "'\\\\x1b' looking for beginning of value"},
    {"\xff", "'\\\\xff' looking for beginning of value"},
    {"\x0b", "'\\\\x0b' looking for beginning of value"},
    {"'", "'\\\\'' looking for beginning of value"},
    {"\\", "'\\\\\\\\' looking for beginning of value"},
    {"<", "'\\u003c' looking for beginning of value"},
    {"+1", "'+' looking for beginning of value"},
    {"{1", "'1' looking for beginning of object key string"},
    {"{\"a\":1,}", "'}' looking for beginning of object key string"},
    {"{\"a\" 1", "'1' after object key"},
    {"{\"a\":}", "'}' looking for beginning of value"},
    {"{\"a\":1]", "']' after object key:value pair"},
    {"{\"a\":\"b\" \"", "'\\\"' after object key:value pair"},
    {"[1}", "'}' after array element"},
    {"[1,]", "']' looking for beginning of value"},
    {"[1 2", "'2' after array element"},
    {"{\"id\":tru}", "'}' in literal (expecting 'e')"},
    {"{\"id\":nul\n", "'\\\\x0a' in literal (expecting 'l')"},
    {"[falsy", "'y' in literal (expecting 'e')"},
    {"[01", "'1' after array element"},
    {"[-x", "'x' in numeric literal"},
    {"[1.x", "'x' in numeric literal"},
    {"[.5", "'.' looking for beginning of value"},
    {"[1e]", "']' in numeric literal"},
    {"[1e+]", "']' in numeric literal"},
    {"[1.5.", "'.' after array element"},
    {"[\"a\n", "'\\\\x0a' in string literal"},
    {"[\"a" + kNul, "'\\\\x00' in string literal"},
    {"[\"\x1f", "'\\\\x1f' in string literal"},
    {"[\"\t", "'\\\\x09' in string literal"},
    {"[\"\\x", "'x' in string escape code"},
    {"[\"\\u12g", "'g' in \\\\u hexadecimal character escape"},
    {"[\"\\u12\"", "'\\\"' in \\\\u hexadecimal character escape"},
    {"[\"\x80", "'\\\\x80' in string literal"},      // a continuation byte alone
    {"[\"\xc0\x80", "'\\\\xc0' in string literal"},  // overlong
    {"[\"\xc1\xbf", "'\\\\xc1' in string literal"},  // overlong
    {"[\"\xe0\x9f", "'\\\\x9f' in UTF-8 sequence"},  // overlong
    {"[\"\xf0\x8f", "'\\\\x8f' in UTF-8 sequence"},  // overlong
    {"[\"\xed\xa0", "'\\\\xa0' in UTF-8 sequence"},  // a surrogate
    {"[\"\xf4\x90", "'\\\\x90' in UTF-8 sequence"},  // past U+10FFFF
    {"[\"\xf5", "'\\\\xf5' in string literal"},
    {"[\"\xc3\"", "'\\\"' in UTF-8 sequence"},      // cut off
    {"[\"\xe2\x82\"", "'\\\"' in UTF-8 sequence"},  // cut off
    {"{\"\xff", "'\\\\xff' in string literal"},     // in a name
    {repeated("[", 40) + "\"\x01", "'\\\\x01' in string literal"},
};
INSTANTIATE_TEST_SUITE_P(Line, RpcGarbage, testing::ValuesIn(kGarbage));

TEST(Rpc, SkipsOnlyTheLineWhoseNewlineIsTheOffender) {
  EXPECT_EQ(ask("{\"id\":1,\"method\":\"RPC.Ec\n" + kEcho),
            failed("invalid character '\\\\x0a' in string literal", "null") + kEchoed);
}

TEST(Rpc, AnswersNothingToWhiteSpace) { EXPECT_EQ(ask(repeated(" \t\r\n", 1000)), ""); }

TEST(Rpc, WaitsForTheRestOfATruncatedRequest) {
  Session session;
  EXPECT_EQ(session.ask(kEcho.substr(0, 30)), "");
  EXPECT_EQ(session.ask(kEcho.substr(30)), kEchoed);
}

TEST(Rpc, AnswersPipelinedRequestsInOrder) {
  EXPECT_EQ(
      ask(kEcho + kLedOn + "garbage\n" + kEcho),
      kEchoed + kLedDone + failed("invalid character 'g' looking for beginning of value", "null") + kEchoed);
  EXPECT_EQ(ask(R"({"method":"RPC.Echo","params":["a"],"id":1}{"method":"RPC.Echo","params":["b"],"id":2})"),
            echoed("\"a\"", "1") + echoed("\"b\"", "2"));
}

TEST(Rpc, ForgetsOneRequestBeforeTheNext) {
  EXPECT_EQ(ask(kEcho + "{\"method\":\"RPC.Echo\"}"),
            kEchoed + failed("RPC.Echo: params must be a list of one string", "null"));
  EXPECT_EQ(ask("{\"id\":3,\"params\":[\"a\"],x\n{\"method\":\"RPC.Echo\"}"),
            failed("invalid character 'x' looking for beginning of object key string", "null") +
                failed("RPC.Echo: params must be a list of one string", "null"));
}

TEST(Rpc, AnswersTheSameWhereverTheRequestIsSplit) {
  std::vector<std::string> requests = {
      kEcho,
      kLedOn,
      call_of("\"RPC.Nope\""),
      call_of("\"Foo.Bar\""),
      "12 34" + kEcho,
      echo_of(R"("\ud83d\ude00\"")", "-1.5e+10"),
      echo_of("\"\xf0\x9f\x98\x80\"", "\"\\u0041\""),
      "{\"x\":" + repeated("[", 40) + repeated("]", 40) + "," + kEcho.substr(1)};
  for (const Garbage& garbage : kGarbage) requests.push_back(garbage.bytes + "\n" + kEcho);
  for (const std::string& request : requests) {
    const std::string expected = ask(request);
    for (std::size_t split = 0; split <= request.size(); ++split) {
      Session session;
      ASSERT_TRUE(session.send(request.substr(0, split)));
      std::string answer = session.receive();
      answer += session.ask(request.substr(split));
      ASSERT_EQ(answer, expected) << request << " split at " << split;
    }
    Session bytewise;
    std::string answer;
    for (const char c : request) answer += bytewise.ask({&c, 1});
    ASSERT_EQ(answer, expected) << request << " byte by byte";
  }
}

TEST(Rpc, QueuesWholeAnswersOnlyAndSaysWhenOneIsLost) {
  Session session;
  const int fit = 4096 / 39;
  for (int i = 0; i < fit; ++i) ASSERT_TRUE(session.send(kEcho));
  EXPECT_FALSE(session.send(kEcho));
  EXPECT_FALSE(session.send("garbage\n"));
  EXPECT_EQ(session.server->pending(), std::size_t{fit} * 39);

  EXPECT_EQ(session.receive(38), kEchoed.substr(0, 38));
  EXPECT_TRUE(session.send(kEcho)) << "38 bytes freed and one left over: room for 39";
  EXPECT_EQ(session.server->pending(), 4096u - 1 - 38 + 39);
  EXPECT_EQ(session.receive(1), "\n");
  EXPECT_EQ(session.receive(), repeated(kEchoed, fit));
  EXPECT_EQ(session.ask(kEcho), kEchoed);
}

TEST(Rpc, ReportsALostAnswerEvenWhenALaterOneFits) {
  Session session;
  const std::string large = "\"" + std::string(1000, 'x') + "\"";
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(session.send(echo_of(large)));
  ASSERT_TRUE(session.send(echo_of("\"" + std::string(700, 'x') + "\"")));
  EXPECT_FALSE(session.send(echo_of(large) + kEcho));
  EXPECT_TRUE(session.receive().ends_with("xxx\",\"error\":null}\n" + kEchoed));
}

TEST(Rpc, KeepsAnswersInOrderAcrossTheEndOfTheQueue) {
  Session session;
  std::string sent, received;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_TRUE(session.send(echo_of("\"x\"", id)));
    sent += echoed("\"x\"", id);
    if (i % 3 == 0) received += session.receive(100);
  }
  received += session.receive();
  EXPECT_EQ(received, sent);
}

TEST(Json, WalksOverTheChildrenOfAContainer) {
  json::Children children{R"([ 1 ,"a,b", {"x":[1, 2]} ,[],true])"};
  for (const char* value : {"1", "\"a,b\"", "{\"x\":[1, 2]}", "[]", "true"}) {
    const auto child = children.next();
    ASSERT_TRUE(child);
    EXPECT_EQ(child->value, value);
    EXPECT_EQ(child->name, "");
  }
  EXPECT_FALSE(children.next());
  EXPECT_FALSE(children.next());
  EXPECT_FALSE(json::Children{"[]"}.next());
  EXPECT_FALSE(json::Children{"{ }"}.next());
  EXPECT_FALSE(json::Children{""}.next());
}

TEST(Json, FindsAMemberOfAFlatObject) {
  const std::string_view object = R"({"a":{"b":1},"B" : 2 , "c":"x","b":-3e1})";
  EXPECT_EQ(json::member(object, "a"), "{\"b\":1}");
  EXPECT_EQ(json::member(object, "b"), "-3e1");
  EXPECT_EQ(json::member(object, "C"), "\"x\"");
  EXPECT_EQ(json::member(object, "d"), "");
}

TEST(Json, UnescapesIntoBoundedText) {
  TextBuffer<4> small;
  EXPECT_TRUE(json::unescape(R"("a\n\u00e9")", small));
  EXPECT_EQ(small.view(), "a\n\xc3\xa9");
  TextBuffer<3> smaller;
  EXPECT_FALSE(json::unescape(R"("a\n\u00e9")", smaller));
  TextBuffer<8> none;
  for (const char* text : {"", "\"", "a", "12", "\"a", "a\""})
    EXPECT_FALSE(json::unescape(text, none)) << text;
}

}  // namespace
}  // namespace gotee::rpc
