/* memcheck: */
/* asan: */
/* Blocks that the tools give out in the place of a nothrow new, of strdup and others are as good as ours. */
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <vector>

static char *volatile kept;

int main() {
    delete[] new (std::nothrow) int[10];
    delete new (std::nothrow) int;
    std::vector<std::string> lines;
    for (int i = 0; i < 1000; i++) lines.push_back(std::to_string(i * 7919 % 1000) + std::string(40, 'x'));
    std::stable_sort(lines.begin(), lines.end());
    std::thread([] { free(strdup("of another thread")); }).join();
    struct node {
        char *name;
    } *volatile node = static_cast<struct node *>(malloc(sizeof *node));
    node->name = strdup("a block of a tool, to which a block of ours points");
    kept = reinterpret_cast<char *>(node);
    return lines[0][0] != '0';
}
