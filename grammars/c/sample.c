// A comment.
#include <stdio.h>
#define TURNS 3
#define TWIST(count) ((count) * TURNS)

struct rope {
    int count;
    const char *name;
};

typedef struct rope rope_t;

enum lay { LEFT, RIGHT };

union fibre {
    int hemp;
};

static int total = 0;

int declared(struct rope *rope);

/* block */
static char *twist(rope_t *rope, int count)
{
    if (count) {
        printf("rope %d", count$0);
    }
    return rope->turn('x');
}
