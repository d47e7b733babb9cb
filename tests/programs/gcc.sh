#!/bin/sh
# gcc and g++: the object files are the same to the byte, and the programs made run.
. "$(dirname "$0")/run"
need gcc gcc
need g++ g++

cat >"$dir/churn.cc" <<'CXX'
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

struct node {
    std::unique_ptr<node> left, right;
    int key;
};

static unsigned long churn(unsigned seed) {
    std::map<std::string, std::vector<int>> words;
    std::unordered_map<int, std::shared_ptr<std::string>> shared;
    std::unique_ptr<node> root;
    unsigned long sum = 0;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525 + 1013904223;
        int key = static_cast<int>(seed >> 20);
        words[std::to_string(key)].push_back(i);
        if (key % 3 == 0) words.erase(std::to_string(key / 2));
        shared[key % 500] = std::make_shared<std::string>(static_cast<size_t>(key), 'x');
        std::unique_ptr<node> *at = &root;
        while (*at) at = key < (*at)->key ? &(*at)->left : &(*at)->right;
        *at = std::make_unique<node>();
        (*at)->key = key;
    }
    for (auto &word : words) sum = sum * 31 + word.second.size();
    for (int i = 0; i < 500; i++) sum = sum * 31 + (shared[i] ? shared[i]->size() : 0);
    return sum;
}

int main() {
    unsigned long sum[4];
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 4; i++) threads.emplace_back([&sum, i] { sum[i] = churn(i); });
    for (auto &thread : threads) thread.join();
    for (unsigned long s : sum) std::cout << s << "\n";

    std::ostringstream text;
    for (int i = 0; i < 2000; i++) text << "key" << i << "=" << i * i << ";";
    std::string all = text.str();
    std::regex pair("(\\w+)=(\\d+);");
    std::cout << std::regex_replace(all, pair, "$2 ").size() << "\n";

    struct alignas(256) wide { char c[256]; };
    std::vector<wide> wides(100);
    std::cout << reinterpret_cast<size_t>(wides.data()) % 256 << "\n";
    try {
        throw std::runtime_error(std::string(100, 'e'));
    } catch (std::exception &e) {
        std::cout << e.what() << "\n";
    }
}
CXX

compile_c() {
    for file in "$root"/src/*.c; do
        gcc -c -O2 -std=c11 -I"$root" -I"$root/src" -I"$root/src/hosted" "$file" -o "$(basename "$file").o"
    done
    gcc -O1 -std=c11 -I"$root" -I"$root/src" -I"$root/src/hosted" "$root/tests/size.c" "$root/src/size.c" -o size
    ./size
    sha256sum *.o
}
compile_cxx() {
    g++ -std=c++17 -O1 -pthread "$dir/churn.cc" -o churn
    ./churn
    sha256sum churn
}
same "gcc: this library's sources" cc1 compile_c
same "g++: a program of containers and threads" cc1plus compile_cxx
