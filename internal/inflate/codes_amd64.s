#include "textflag.h"
#include "go_asm.h"

// In registers all the time:
//   SI  the next byte of the input       R12 where to stop reading
//   DI  the next byte of the output      R13 where to stop writing
//   R8  the table of literals, lengths   R9  that of distances
//   R10 bits that are held               R11 how many; its upper bits are of no meaning
//   R15 where matches may reach back to  AX  the entry that comes next
//
// Counts of bits are in the lowest bits of entries, which is all that shifts look at: entries are
// shifted by, and subtracted, whole.

// REFILL makes at least 56 bits be held. It needs 8 bytes of the input, and changes T.
#define REFILL(T) \
	MOVQ (SI), T; \
	SHLXQ R11, T, T; \
	ORQ T, R10; \
	MOVL R11, T; \
	SHRL $3, T; \
	ANDL $7, T; \
	SUBQ T, SI; \
	ADDQ $7, SI; \
	ORL $56, R11

// LOOKUP gets the entry of a literal or length. It changes CX.
#define LOOKUP \
	MOVL R10, CX; \
	ANDL $((1<<const_litRoot)-1), CX; \
	MOVL (R8)(CX*4), AX

// LITERAL writes the literal of the entry, and takes its bits.
#define LITERAL(at) \
	SHRXQ AX, R10, R10; \
	SUBL AX, R11; \
	SHRL $16, AX; \
	MOVB AX, at(DI)

// VALUE takes what the entry, a length or distance, stands for into V. It changes AX and CX.
#define VALUE(V) \
	BZHIQ AX, R10, V; \
	SHRXQ AX, R10, R10; \
	SUBL AX, R11; \
	MOVL AX, CX; \
	SHRL $8, CX; \
	SHRXQ CX, V, V; \
	SHRL $16, AX; \
	ADDQ AX, V

// SECOND follows the entry, which stands for the first bits of longer codes, into a table.
#define SECOND(table, bits) \
	SHRQ $bits, R10; \
	SUBL $bits, R11; \
	BZHIQ AX, R10, CX; \
	SHRL $16, AX; \
	ADDQ CX, AX; \
	MOVL (table)(AX*4), AX

// func decodeBMI2(s *fastState, in, out *byte, lit, dist *uint32)
TEXT ·decodeBMI2(SB), NOSPLIT, $0-40
	MOVQ s+0(FP), AX
	MOVQ in+8(FP), BX
	MOVQ out+16(FP), R15
	MOVQ lit+24(FP), R8
	MOVQ dist+32(FP), R9
	MOVQ fastState_pos(AX), SI
	ADDQ BX, SI
	MOVQ fastState_end(AX), R12
	ADDQ BX, R12
	MOVQ fastState_w(AX), DI
	ADDQ R15, DI
	MOVQ fastState_full(AX), R13
	ADDQ R15, R13
	ADDQ fastState_base(AX), R15
	MOVQ fastState_held(AX), R10
	MOVQ fastState_nheld(AX), R11
	CMPQ SI, R12
	JCC  stop
	REFILL(CX)
	LOOKUP

next:
	CMPQ SI, R12
	JCC  stop
	CMPQ DI, R13
	JCC  stop
	TESTL AX, AX
	JPL  notLiteral
	LITERAL(0)
	LOOKUP
	TESTL AX, AX
	JPL  afterOne
	LITERAL(1)
	LOOKUP
	TESTL AX, AX
	JPL  afterTwo
	LITERAL(2)
	ADDQ $3, DI
	LOOKUP // 33 bits were taken: this one is held whole
	REFILL(CX)
	JMP  next

afterTwo:
	INCQ DI

afterOne:
	INCQ DI

notLiteral:
	TESTL $const_flagOther, AX
	JNZ  other

match:
	// 22 bits were taken before, and 11 with a second table; 20 of a length go, so that those for
	// the first table of distances are there.
	VALUE(BX)
	MOVL R10, CX
	ANDL $((1<<const_distRoot)-1), CX
	MOVL (R9)(CX*4), AX
	REFILL(DX)
	TESTL $const_flagOther, AX
	JNZ  otherDistance

distance:
	VALUE(DX)
	LOOKUP // 28 bits were taken
	REFILL(CX)
	MOVQ DI, CX
	SUBQ R15, CX
	CMPQ DX, CX
	JHI  corrupt
	MOVQ DI, CX
	SUBQ DX, CX // the match is BX bytes from CX
	CMPQ DX, $16
	JCS  near
	MOVOU (CX), X0
	MOVOU X0, (DI)
	CMPQ BX, $16
	JHI  far
	ADDQ BX, DI
	JMP  next

far:
	MOVQ DI, DX
	ADDQ BX, DI

farMore:
	ADDQ $16, CX
	ADDQ $16, DX
	MOVOU (CX), X0
	MOVOU X0, (DX)
	LEAQ 16(DX), BX
	CMPQ BX, DI
	JCS  farMore
	JMP  next

near:
	MOVQ DI, R14
	ADDQ BX, DI
	CMPQ DX, $8
	JCS  nearer

nearMore:
	MOVQ (CX), BX
	MOVQ BX, (R14)
	ADDQ $8, CX
	ADDQ $8, R14
	CMPQ R14, DI
	JCS  nearMore
	JMP  next

nearer:
	CMPQ DX, $1
	JEQ  run

nearerMore:
	MOVQ (CX), BX
	MOVQ BX, (R14)
	ADDQ DX, CX
	ADDQ DX, R14
	CMPQ R14, DI
	JCS  nearerMore
	JMP  next

run:
	MOVBLZX (CX), BX
	MOVQ $0x0101010101010101, CX
	IMULQ CX, BX
	MOVQ BX, X0
	PUNPCKLQDQ X0, X0

runMore:
	MOVOU X0, (R14)
	ADDQ $16, R14
	CMPQ R14, DI
	JCS  runMore
	JMP  next

otherDistance:
	TESTL $const_flagSub, AX
	JZ   corrupt
	SECOND(R9, const_distRoot)
	TESTL $const_flagOther, AX
	JZ   distance
	JMP  corrupt

other:
	TESTL $const_flagSub, AX
	JZ   endOrCorrupt
	SECOND(R8, const_litRoot)
	TESTL AX, AX
	JMI  longLiteral
	TESTL $const_flagOther, AX
	JZ   match

endOrCorrupt:
	TESTL $const_flagEnd, AX
	JZ   corrupt
	SHRXQ AX, R10, R10
	SUBL AX, R11
	MOVQ $const_blockEnded, CX
	JMP  over

longLiteral:
	LITERAL(0)
	INCQ DI
	LOOKUP // 37 bits were taken at most
	REFILL(CX)
	JMP  next

corrupt:
	MOVQ $const_blockCorrupt, CX
	JMP  over

stop:
	MOVQ $const_blockGoesOn, CX

over:
	MOVQ s+0(FP), AX
	MOVQ CX, fastState_outcome(AX)
	SUBQ in+8(FP), SI
	MOVQ SI, fastState_pos(AX)
	SUBQ out+16(FP), DI
	MOVQ DI, fastState_w(AX)
	MOVQ R10, fastState_held(AX)
	ANDQ $63, R11
	MOVQ R11, fastState_nheld(AX)
	RET
