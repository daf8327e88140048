// In registers all the time:
//   SI  the next byte of the input    R8  the range     R11 the state
//   DI  the next byte of the output   R9  the code      R12 the last distance, less one
//   R10 the decoder
// Where a tree of probabilities is followed, R13 is its start, DX the place in it, and AX the probability there.

// NORMALISE shifts the range, if it is time.
#define NORMALISE \
	CMPL R8, $const_topRange; \
	JCC  5(PC); \
	SHLL $8, R8; \
	SHLL $8, R9; \
	MOVB (SI), R9; \
	INCQ SI

// BOUND gets the probability into AX and what it makes of the range into CX. The carry is set if the
// bit is 0.
#define BOUND(prob) \
	NORMALISE; \
	MOVL R8, CX; \
	SHRL $const_probBits, CX; \
	MOVWLZX prob, AX; \
	IMULL AX, CX; \
	CMPL R9, CX

// ZERO takes a bit that is 0, behind BOUND; ONE another. They change BX.
#define ZERO(prob) \
	MOVL CX, R8; \
	MOVL $(1<<const_probBits), BX; \
	SUBL AX, BX; \
	SHRL $const_moveBits, BX; \
	ADDL BX, AX; \
	MOVW AX, prob

#define ONE(prob) \
	SUBL CX, R8; \
	SUBL CX, R9; \
	MOVL AX, BX; \
	SHRL $const_moveBits, BX; \
	SUBL BX, AX; \
	MOVW AX, prob

// DECIDE takes a bit of the probability in AX without a branch. The carry is set if it is 0. It leaves
// CX to use, and changes BX.
#define DECIDE \
	NORMALISE; \
	MOVL R8, CX; \
	SHRL $const_probBits, CX; \
	IMULL AX, CX; \
	SUBL CX, R8; \
	MOVL R9, BX; \
	SUBL CX, BX; \
	CMOVLCS CX, R8; \
	CMOVLCC BX, R9

// STEP gets the next place in the tree into V, by the carry, and into BX how far the probability moves,
// still times 32. It leaves no carry.
#define STEP(V) \
	LEAL -((1<<const_probBits)-(1<<const_moveBits)+1)(AX), BX; \
	CMOVLCC AX, BX; \
	LEAL 1(DX)(DX*1), V; \
	SBBL $0, V

// LEARN moves the probability, and puts it back.
#define LEARN(prob) \
	SARL $const_moveBits, BX; \
	SUBL BX, AX; \
	MOVW AX, prob

// BRANCH takes a bit of a tree. Both probabilities that can come next are fetched before. It changes
// BX, CX, R14 and R15.
#define BRANCH \
	MOVWLZX (R13)(DX*4), R14; \
	MOVWLZX 2(R13)(DX*4), R15; \
	DECIDE; \
	CMOVLCC R15, R14; \
	STEP(CX); \
	LEARN((R13)(DX*2)); \
	MOVL CX, DX; \
	MOVL R14, AX

// LEAF takes the last bit.
#define LEAF \
	DECIDE; \
	STEP(CX); \
	LEARN((R13)(DX*2)); \
	MOVL CX, DX

#define ROOT \
	MOVL $1, DX; \
	MOVWLZX 2(R13), AX

// LOWBIT takes a bit of a tree that stands for R11 in a distance, and doubles R11.
#define LOWBIT \
	MOVWLZX (R13)(DX*4), R14; \
	MOVWLZX 2(R13)(DX*4), R15; \
	DECIDE; \
	LEAL (R12)(R11*1), CX; \
	CMOVLCC CX, R12; \
	CMOVLCC R15, R14; \
	STEP(CX); \
	LEARN((R13)(DX*2)); \
	MOVL CX, DX; \
	MOVL R14, AX; \
	SHLL $1, R11

// ALIKE takes a bit of a literal that has been like the byte in R14 so far. If this one is not, the
// rest of the literal is decoded at other.
#define ALIKE(other) \
	SHLL $1, R14; \
	MOVL R14, R15; \
	ANDL $0x100, R15; \
	LEAL 0x100(R15)(DX*1), R15; \
	MOVWLZX (R13)(R15*2), AX; \
	DECIDE; \
	STEP(DX); \
	LEARN((R13)(R15*2)); \
	MOVL DX, CX; \
	SHLL $8, CX; \
	XORL R14, CX; \
	MOVWLZX (R13)(DX*2), AX; \
	TESTL $0x100, CX; \
	JNE  other

// PLACE gets the place in the window, as far as probabilities depend on it.
#define PLACE(V) \
	MOVQ DI, V; \
	SUBQ buf-8(SP), V; \
	ANDL pbMask-24(SP), V

// OFEIGHT gets one of eight lengths into DX, plus 8.
#define OFEIGHT(trees) \
	PLACE(DX); \
	SHLL $4, DX; \
	LEAQ trees(R13)(DX*1), R13; \
	ROOT; \
	BRANCH; \
	BRANCH; \
	LEAF

// BACK gets the address of the byte at the last distance, in a ring. It changes no other register.
#define BACK(V) \
	MOVQ DI, V; \
	SUBQ buf-8(SP), V; \
	SUBQ R12, V; \
	SUBQ $1, V; \
	JPL  3(PC); \
	ADDQ bufLen-16(SP), V; \
	JMI  corrupt; \
	ADDQ buf-8(SP), V

// AFTER sets the state to one of two values, by whether the last symbol was a literal.
#define AFTER(literal, match) \
	MOVL $literal, AX; \
	MOVL $match, BX; \
	CMPL R11, $7; \
	CMOVLCC BX, AX; \
	MOVL AX, R11
