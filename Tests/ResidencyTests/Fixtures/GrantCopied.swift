// Must not compile: a grant cannot be kept for later beside the one that is sent.
import Residency
import Vocabulary

func keep(_ grant: borrowing Grant) -> Grant {
    copy grant
}
