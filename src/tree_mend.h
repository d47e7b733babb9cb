/* tree_mend: the repair of a tree from which a black node was taken. */
#ifndef QED_TREE_MEND_H
#define QED_TREE_MEND_H

#include "tree_turn.h"
#include "spec/tree_mend.acsl"

/* The side of p where its child x is or was is one black node short. No node of the tree weighs more than m. */
/*@ TREE_MEM
    TREE_BUT(requires, p, 0, 0)
    requires short:  Short(p, x);
    requires light:  Light(In(p), m);
    assigns TREE_ARRAYS;
    TREE_BUT(ensures, 0, 0, 0)
    TREE_KEPT(In(p)) */
void mend(struct tree *t, pageno p, pageno x) /*@ ghost (struct tree_ghost \ghost *g, long long m) */;

#endif
